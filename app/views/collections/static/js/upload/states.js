// The states of a file in the upload queue, in groups.

// Leaving the page while a file is in one of these states loses work.
export const UNFINISHED = new Set(["waiting", "hashing", "checking", "queued", "twin", "sending", "confirming", "retrying", "paused"])
export const UPLOADED = new Set(["preparing", "ready", "duplicate", "unrendered"])
// Not counted in the totals.
export const DROPPED = new Set(["failed", "cancelled"])

export function canPause(entry) {
  return UNFINISHED.has(entry.state) && entry.state !== "paused"
}

export function canRetry(entry) {
  return entry.state === "cancelled" || (entry.state === "failed" && entry.canRetry)
}
