// What can be true of a file on its way.

// Until one of these is over, leaving the page would lose something.
export const OPEN = new Set(["waiting", "hashing", "checking", "queued", "twin", "sending", "confirming", "resting", "paused"])
export const SAFE = new Set(["preparing", "ready", "duplicate", "unrendered"])

// What has to do with the bytes of files that nobody wants any more, or that were refused.
export const OUT = new Set(["failed", "cancelled"])

export function canPause(entry) {
  return OPEN.has(entry.state) && entry.state !== "paused"
}

export function canRetry(entry) {
  return entry.state === "cancelled" || (entry.state === "failed" && entry.canRetry)
}
