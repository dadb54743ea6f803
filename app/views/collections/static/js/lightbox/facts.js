// What is known of a photograph (`GET /collections/files/<uuid>/info`) as lines for people: [label, words, link].

import { humanSize } from "../shared/format.js"

export function factsOf(info) {
  return [
    ["Condition", info.damage], // the server tells it to the collection's owner alone
    ["Caption", info.caption],
    ["Taken", info.taken_at && takenWords(info)],
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
  ].filter(([, words]) => words)
}

// Where a date stands that is not EXIF's own date of capture.
const SOURCES = {
  xmp: "XMP",
  iptc: "IPTC",
  png_text: "PNG text",
  exif_changed: "EXIF, last change",
  png_changed: "PNG, last change",
  file_date: "the date of an earlier file",
}

// As much of a date as was written.
const PRECISIONS = {
  day: { dateStyle: "full" },
  month: { month: "long", year: "numeric" },
  year: { year: "numeric" },
}

// The clock on the camera's wall, wherever that was, and not in the zone of whoever looks.
function takenWords({ taken_at: iso, taken_precision: precision, taken_from: source }) {
  const wall = new Date(`${iso.slice(0, 19)}Z`)
  const parts = PRECISIONS[precision] ?? { dateStyle: "full", timeStyle: "short" }
  const words = wall.toLocaleString("en-GB", { ...parts, timeZone: "UTC" })
  return SOURCES[source] ? `${words} (from ${SOURCES[source]})` : words
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

// The server tells it to the collection's owner alone.
function placeOf(gps) {
  if (!gps) return []
  const [latitude, longitude] = [gps.latitude.toFixed(5), gps.longitude.toFixed(5)]
  const map = `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=15/${latitude}/${longitude}`
  return [["Place", `${latitude}, ${longitude}`, map]]
}
