/** The exit code of a process whose configuration is not valid (EX_CONFIG in sysexits.h). */
export const EX_CONFIG = 78;
