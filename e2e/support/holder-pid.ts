/** The process that leased a batch: `leased_by` is `host:pid call`. */
export function holderPid(leasedBy: string | null): number | undefined {
  const pid = leasedBy?.split(" ")[0]?.split(":").at(-1);
  return pid === undefined ? undefined : Number(pid);
}
