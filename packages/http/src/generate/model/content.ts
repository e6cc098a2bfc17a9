import { isRecord } from "@net/core";
import {
  isEventStream,
  isFieldsType,
  isJsonType,
  isMultipartType,
  isTextType,
  isXmlType,
} from "../../api/media-type.ts";
import { childOf, entriesOf, type Place } from "../resolve/place.ts";
import type { Content, ParameterForm } from "./api.ts";
import { formOf } from "./parameter-form.ts";
import { type Schema, unknownSchema } from "./schema.ts";
import type { SchemaReader } from "./schema-reader.ts";

/** The media types of a body or response. */
export function readContent(reader: SchemaReader, place: Place): readonly Content[] {
  const content = childOf(place, "content");
  if (content && !isRecord(content.value)) {
    reader.problems.at(content, "content must be an object with a key per media type");
  }
  return entriesOf(content).map(([type, media]) => ({
    type,
    schema: readMediaSchema(reader, type, media),
    encoding: readEncoding(media),
  }));
}

/** XML is text here, and what is neither JSON, text nor a form is bytes unless the schema says otherwise. */
function readMediaSchema(reader: SchemaReader, type: string, media: Place): Schema {
  const place = childOf(media, "schema");
  const schema = place ? reader.read(place) : unknownSchema;
  const isForm = isFieldsType(type) || isMultipartType(type);
  // The schema of an event stream is that of each event's data.
  if (isForm || isJsonType(type) || isEventStream(type)) return schema;
  if (isXmlType(type)) return { kind: "string" };
  if (isTextType(type)) return schema.kind === "unknown" ? { kind: "string" } : schema;
  return schema.kind === "unknown" || schema.kind === "string" ? { kind: "binary" } : schema;
}

function readEncoding(media: Place): ReadonlyMap<string, ParameterForm> {
  const encodings = entriesOf(childOf(media, "encoding"));
  const forms = encodings.map(([field, place]) => [field, formOf(place)] as const);
  return new Map(forms.filter(([, form]) => Object.keys(form).length > 0));
}
