// What is said about a file on its way, and about all of them.

import { humanSize, humanTime, plural } from "../shared/format.js"

const WORDS = {
  waiting: () => "Waiting",
  hashing: (entry) => `Reading, ${percent(entry.read, entry.size)}%`,
  checking: () => "Looking whether it is here already",
  queued: () => "Waiting to be sent",
  twin: (entry) => `The same picture as ${entry.message}, waiting for that one`,
  sending: (entry) => ["Sending, " + percent(entry.sent, entry.size) + "%", ...pace(entry.meter, entry.size - entry.sent)].join(" · "),
  confirming: () => "Sent. Waiting for the server to confirm",
  resting: (entry) => `${entry.message} Trying again in a moment`,
  paused: (entry) => (entry.sent ? `Paused at ${percent(entry.sent, entry.size)}%` : "Paused"),
  preparing: () => "Safe. Preparing the preview",
  ready: () => "Safe and ready",
  duplicate: () => "Already here, kept once",
  unrendered: (entry) => `Safe, but without a preview. ${entry.message}`,
  failed: (entry) => `Not saved. ${entry.message}`,
  cancelled: () => "Cancelled, not sent",
}

export function wordsOf(entry) {
  return WORDS[entry.state](entry)
}

export function safeWords(tally, total) {
  return `${tally.safe.toLocaleString("en")} of ${total.toLocaleString("en")} safe`
}

// Under the bar: what is happening to all of them now.
export function overallWords(tally, hidden) {
  const parts = []
  if (tally.open > 0) parts.push(...movingWords(tally))
  const duplicates = tally.count("duplicate")
  if (duplicates > 0) parts.push(`${duplicates.toLocaleString("en")} already here, kept once`)
  if (hidden > 0) parts.push(plural(hidden, "hidden file left out", "hidden files left out"))
  return parts.join(" · ")
}

function movingWords(tally) {
  if (tally.open === tally.count("paused")) return [`Paused, ${humanSize(tally.bytes - tally.done)} left`]
  if (tally.count("resting") > 0 && tally.count("sending") === 0) return ["The server does not answer. Trying again"]
  if (tally.count("sending", "confirming", "queued") === 0) return ["Looking what is new"]
  return [...pace(tally.meter, tally.bytes - tally.done), `${humanSize(tally.done)} of ${humanSize(tally.bytes)}`]
}

// The time first: it is what is left when a phone cuts the line short.
function pace(meter, left) {
  const speed = meter.speed()
  const seconds = meter.secondsFor(left)
  return [seconds ? `${humanTime(seconds)} left` : "", speed > 0 ? `${humanSize(speed)}/s` : ""].filter(Boolean)
}

export function percent(part, whole) {
  return whole ? Math.floor((part / whole) * 100) : 0
}

export function failuresAsText(failed) {
  return [...failed].map((entry) => `${entry.name} (${humanSize(entry.size)}): ${entry.message}`).join("\n")
}
