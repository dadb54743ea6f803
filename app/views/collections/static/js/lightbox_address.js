// The address of the open photo (#photo=<uuid>): it can be sent, and Back closes the lightbox.

const PATTERN = /^#photo=([\w-]+)$/

export function photoInAddress() {
  return PATTERN.exec(location.hash)?.[1] ?? null
}

export function enter(uuid) {
  if (!history.state?.lightbox) {
    if (photoInAddress()) history.replaceState(null, "", location.pathname + location.search)
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
