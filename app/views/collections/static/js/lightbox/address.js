// The URL of the open photo (#photo=<uuid>). It can be shared, and Back closes the lightbox.

const PATTERN = /^#photo=([\w-]+)$/
let scrolling = "auto" // history.scrollRestoration outside the lightbox

export function photoInAddress() {
  return PATTERN.exec(location.hash)?.[1] ?? null
}

export function enter(uuid) {
  if (!history.state?.lightbox) {
    if (photoInAddress()) history.replaceState(history.state, "", location.pathname + location.search)
    scrolling = history.scrollRestoration
    history.scrollRestoration = "manual"
    history.pushState({ lightbox: true }, "", `#photo=${uuid}`)
  }
}

export function move(uuid) {
  history.replaceState({ lightbox: true }, "", `#photo=${uuid}`)
}

export function leave() {
  if (history.state?.lightbox) history.back()
}

// After Back closed the lightbox. In a timeout, so that the browser does not scroll away from the last photo.
export function restoreScrolling() {
  setTimeout(() => (history.scrollRestoration = scrolling))
}
