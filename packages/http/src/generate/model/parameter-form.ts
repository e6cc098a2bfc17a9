import { childOf, type Place, stringAt } from "../resolve/place.ts";
import type { ParameterForm } from "./api.ts";

/** What a parameter, header or encoding object says of how its value is written. */
export function formOf(place: Place): ParameterForm {
  const explode = childOf(place, "explode")?.value;
  const style = stringAt(place, "style");
  const contentType = stringAt(place, "contentType");
  return {
    ...(style !== undefined && { style }),
    ...(typeof explode === "boolean" && { explode }),
    ...(childOf(place, "allowReserved")?.value === true && { allowReserved: true }),
    ...(contentType !== undefined && { contentType }),
  };
}
