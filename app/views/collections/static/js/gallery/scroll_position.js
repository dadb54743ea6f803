// Restores the scroll position after Back and reload. It is stored by photo, so that it also fits another window width.

export function rememberPosition(album) {
  const key = `place ${location.pathname}${location.search}`
  let timer = null
  const store = () => {
    const { place } = album
    if (place) sessionStorage.setItem(key, JSON.stringify(place))
    else sessionStorage.removeItem(key)
  }
  addEventListener("scroll", () => {
    clearTimeout(timer)
    timer = setTimeout(store, 150)
  }, { passive: true })
  addEventListener("pagehide", store)
}

// The stored position (see Album.place) after a reload or Back; null on other visits.
export function storedPosition() {
  const [{ type }] = performance.getEntriesByType("navigation")
  if (type !== "reload" && type !== "back_forward") return null
  return JSON.parse(sessionStorage.getItem(`place ${location.pathname}${location.search}`))
}
