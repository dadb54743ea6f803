// Texts for the state of one file, and of all files, in the upload panel and in the page's title.

import { humanSize, humanTime, plural } from "../shared/format.js"

const STATE_TEXTS = {
  waiting: () => "Waiting",
  hashing: (entry) => `Checking… ${percent(entry.read, entry.size)}%`,
  checking: () => "Checking for duplicates",
  queued: () => "Waiting to upload",
  twin: (entry) => `Duplicate of ${entry.message}`,
  sending: (entry) => [`Uploading… ${percent(entry.sent, entry.size)}%`, ...pace(entry.meter, entry.size - entry.sent)].join(" · "),
  confirming: () => "Finishing…",
  retrying: (entry) => `${entry.message} Retrying in a moment`,
  paused: (entry) => (entry.sent ? `Paused at ${percent(entry.sent, entry.size)}%` : "Paused"),
  preparing: () => "Uploaded · making preview",
  ready: () => "Uploaded",
  duplicate: () => "Already uploaded – skipped",
  unrendered: (entry) => `Uploaded, but no preview: ${entry.message}`,
  failed: (entry) => `Upload failed: ${entry.message}`,
  cancelled: () => "Cancelled, not uploaded",
}

export function stateText(entry) {
  return STATE_TEXTS[entry.state](entry)
}

// Cancelled files are not counted.
export function uploadedText({ entries, tally }) {
  return `${tally.uploaded.toLocaleString("en")} of ${(entries.size - tally.count("cancelled")).toLocaleString("en")} uploaded`
}

export function failedText(count) {
  return `${plural(count, "file", "files")} couldn’t be uploaded`
}

// The line under the progress bar, e.g. "2 min left · 5.1 MB/s · 100.0 MB of 612.0 MB".
export function detailsText(tally, hidden) {
  const parts = []
  if (tally.unfinished > 0) parts.push(...progressTexts(tally))
  const duplicates = tally.count("duplicate")
  if (duplicates > 0) parts.push(`${duplicates.toLocaleString("en")} already uploaded – skipped`)
  if (hidden > 0) parts.push(plural(hidden, "hidden file skipped", "hidden files skipped"))
  return parts.join(" · ")
}

function progressTexts(tally) {
  if (tally.unfinished === tally.count("paused")) return [`Paused, ${humanSize(tally.bytes - tally.done)} left`]
  if (tally.count("retrying") > 0 && tally.count("sending") === 0) return ["Connection lost – retrying"]
  if (tally.count("sending", "confirming", "queued") === 0) return ["Checking which photos are new"]
  return [...pace(tally.meter, tally.bytes - tally.done), `${humanSize(tally.done)} of ${humanSize(tally.bytes)}`]
}

// The time comes first because narrow screens cut off the end of the line.
function pace(meter, left) {
  const speed = meter.speed()
  const seconds = meter.secondsFor(left)
  return [seconds ? `${humanTime(seconds)} left` : "", speed > 0 ? `${humanSize(speed)}/s` : ""].filter(Boolean)
}

// Rounded down, so that 100 means finished.
export function percent(part, whole) {
  return whole ? Math.floor((part / whole) * 100) : 0
}

export function failuresAsText(failed) {
  return [...failed].map((entry) => `${entry.name} (${humanSize(entry.size)}): ${entry.message}`).join("\n")
}
