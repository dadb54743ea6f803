// The rows of the information panel, from the JSON of `GET /collections/files/<uuid>/info`: [label, text, link?] each.

import { humanSize } from "../shared/format.js"

export function factsOf(info) {
  return [
    ["Condition", info.damage], // only for the collection's owner
    ["Caption", info.caption],
    ["Taken", info.taken_at && takenText(info)],
    ["Clock", info.clock],
    ["Camera", info.camera],
    ["Lens", info.lens],
    ["Exposure", exposure(info)],
    ["Keywords", info.keywords?.join(", ")],
    ["By", info.creator],
    ["Copyright", info.copyright],
    ["File", [info.name, info.size_human ?? (info.size && humanSize(info.size))].filter(Boolean).join(", ")],
    ["Size", info.width && info.height && `${info.width} × ${info.height}, ${megapixels(info)}`],
    ["Original", info.withheld],
    ...placeOf(info.gps),
  ].filter(([, text]) => text)
}

// The sources of a date other than EXIF's date of capture.
const SOURCES = {
  xmp: "XMP",
  iptc: "IPTC",
  png_text: "PNG text",
  exif_changed: "EXIF, last change",
  png_changed: "PNG, last change",
  file_date: "the date of an earlier file",
}

const PRECISIONS = {
  day: { dateStyle: "full" },
  month: { month: "long", year: "numeric" },
  year: { year: "numeric" },
}

// The camera's local time, not converted to the visitor's time zone.
function takenText({ taken_at: iso, taken_precision: precision, taken_from: source }) {
  const local = new Date(`${iso.slice(0, 19)}Z`)
  const parts = PRECISIONS[precision] ?? { dateStyle: "full", timeStyle: "short" }
  const text = local.toLocaleString("en-GB", { ...parts, timeZone: "UTC" })
  return SOURCES[source] ? `${text} (from ${SOURCES[source]})` : text
}

function exposure({ shutter, aperture, focal_length: focal, iso }) {
  return [shutter && seconds(shutter), aperture && `ƒ/${rounded(aperture)}`, focal && `${rounded(focal)} mm`, iso && `ISO ${iso}`]
    .filter(Boolean)
    .join(", ")
}

function seconds(shutter) {
  return shutter < 0.3 ? `1/${Math.round(1 / shutter)} s` : `${rounded(shutter)} s`
}

function megapixels({ width, height }) {
  return `${rounded((width * height) / 1e6)} megapixels`
}

function rounded(value) {
  return Number(value.toFixed(1)).toString()
}

// Only for the collection's owner.
function placeOf(gps) {
  if (!gps) return []
  const [latitude, longitude] = [gps.latitude.toFixed(5), gps.longitude.toFixed(5)]
  const map = `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=15/${latitude}/${longitude}`
  return [["Place", `${latitude}, ${longitude}`, map]]
}
