// What of two comparable documents has to be compared: most of them is equal, and the comparison is slow.
import { entries, fromEntries, keys } from "./maps.mjs";

/** The length of a path to a response of an operation. */
const RESPONSE_DEPTH = 5;

/**
 * Two documents without the operations and responses that are equal in both. A shared response that differs is left in
 * one of its places: `placesOf` gives of a path of a difference those of the same one everywhere.
 */
export function differingParts(was, is) {
  const isEqual = equality();
  const responses = differingResponses(isEqual);
  const [before, after] = [{}, {}];
  for (const path of new Set([...keys(was.paths), ...keys(is.paths)])) {
    const pair = withoutEqual(was.paths[path], is.paths[path], isEqual);
    for (const [method, operation] of entries(pair.some ?? {})) {
      const other = pair.others?.[method];
      if (!other) continue;
      const place = ["paths", path, method, "responses"];
      const { some, others } = responses.between(operation.responses, other.responses, place);
      pair.some[method] = { ...operation, responses: some };
      pair.others[method] = { ...other, responses: others };
    }
    if (pair.some) before[path] = pair.some;
    if (pair.others) after[path] = pair.others;
  }
  return { before: { ...was, paths: before }, after: { ...is, paths: after }, placesOf: responses.placesOf };
}

// A pair of shared responses is one object in each document, wherever they stand.
function differingResponses(isEqual) {
  const known = new Map();
  const places = new Map();
  const isFirst = (response, other, place) => {
    const first = known.get(response)?.get(other);
    if (first) places.get(first).push(place);
    if (first) return false;
    known.set(response, new Map(known.get(response)).set(other, place.join()));
    places.set(place.join(), [place]);
    return true;
  };
  return {
    between(was, is, place) {
      const pair = withoutEqual(was, is, isEqual);
      for (const [status, response] of entries(pair.some)) {
        const other = pair.others[status];
        if (!other || isFirst(response, other, [...place, status])) continue;
        delete pair.some[status];
        delete pair.others[status];
      }
      return pair;
    },
    placesOf(path) {
      const all = places.get(path.slice(0, RESPONSE_DEPTH).join());
      return all ? all.map((place) => [...place, ...path.slice(RESPONSE_DEPTH)]) : [path];
    },
  };
}

/** Copies of two maps without what is equal in both; of a map that is missing, none. */
function withoutEqual(some, others, isEqual) {
  const without = (map, other) =>
    map && fromEntries(entries(map).filter(([name, value]) => !isEqual(value, other?.[name])));
  return { some: without(some, others), others: without(others, some) };
}

/** Whether two values are equal, whatever order their keys have; asked once of two objects that are in many places. */
function equality() {
  const known = new Map();
  const isEqual = (value, other) => {
    if (value === other) return true;
    if (!isObject(value) || !isObject(other)) return false;
    const found = known.get(value);
    if (found?.other === other) return found.isSame;
    const names = keys(value);
    const isSame =
      Array.isArray(value) === Array.isArray(other) &&
      names.length === keys(other).length &&
      names.every((key) => key in other && isEqual(value[key], other[key]));
    known.set(value, { other, isSame });
    return isSame;
  };
  return isEqual;
}

const isObject = (value) => typeof value === "object" && value !== null;
