// Where somebody was in the gallery, by photograph and not by pixels: after Back, after a reload, and on another screen
// width the same photograph is in the same place. Kept for this tab.

export function keepPlace(album) {
  const key = `place ${location.pathname}${location.search}`
  let timer = null
  const keep = () => {
    const { place } = album
    if (place) sessionStorage.setItem(key, JSON.stringify(place))
    else sessionStorage.removeItem(key)
  }
  addEventListener("scroll", () => {
    clearTimeout(timer)
    timer = setTimeout(keep, 150)
  }, { passive: true })
  addEventListener("pagehide", keep)
}

// The place where this tab left the page, if it now returns to it; null when somebody comes anew.
export function placeLeft() {
  const [{ type }] = performance.getEntriesByType("navigation")
  if (type !== "reload" && type !== "back_forward") return null
  return JSON.parse(sessionStorage.getItem(`place ${location.pathname}${location.search}`))
}
