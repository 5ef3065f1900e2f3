// Maps by name. The functions are looked up once: in jest's context each look-up of a global costs as much as the call,
// and a comparison makes hundreds of thousands.

export const { entries, fromEntries, keys } = Object;

/** A map of the same names, with what `change` makes of each value and its name. */
export const mapValues = (map, change) => fromEntries(entries(map).map(([name, value]) => [name, change(value, name)]));
