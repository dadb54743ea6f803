// The address of the open photo (#photo=<uuid>): it can be sent, and Back closes the lightbox.

const PATTERN = /^#photo=([\w-]+)$/
let scrolling = "auto" // who restores the scroll position, while no photo is open

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

// Once Back has closed the lightbox: the page is where the last photo is, and leaving and returning finds it there.
export function scrollAsBefore() {
  setTimeout(() => (history.scrollRestoration = scrolling))
}
