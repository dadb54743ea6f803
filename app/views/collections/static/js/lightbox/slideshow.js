// The slideshow: each photo for four seconds, decoded before it is shown. It pauses at a touch, a navigation key or the
// wheel, and when the tab is hidden.

const SHOWN_MS = 4000
const NAVIGATION = new Set(["ArrowLeft", "ArrowRight", "Home", "End", "z"])
const reducedMotion = window.matchMedia("(prefers-reduced-motion: reduce)")

export class Slideshow {
  playing = false
  #pswp
  #prepared
  #turn = 0
  #timer

  // `prepared(index)` resolves when that slide can be shown.
  constructor(pswp, prepared) {
    this.#pswp = pswp
    this.#prepared = prepared
    const hide = () => document.hidden && this.pause()
    document.addEventListener("visibilitychange", hide)
    pswp.on("bindEvents", () => pswp.scrollWrap.addEventListener("pointerdown", (event) => this.#touched(event), true))
    pswp.on("wheel", () => this.pause())
    pswp.on("keydown", ({ originalEvent }) => NAVIGATION.has(originalEvent.key) && this.pause())
    pswp.on("close", () => this.pause())
    pswp.on("destroy", () => document.removeEventListener("visibilitychange", hide))
  }

  toggle() {
    if (this.playing) this.pause()
    else this.#play()
  }

  pause() {
    if (!this.playing) return
    this.#set(false)
    this.#turn += 1
    clearTimeout(this.#timer)
  }

  #play() {
    if (this.#pswp.getNumItems() < 2) return
    if (this.#pswp.currSlide.currZoomLevel !== this.#pswp.currSlide.zoomLevels.initial) this.#pswp.toggleZoom()
    this.#set(true)
    this.#wait()
  }

  async #wait() {
    const turn = ++this.#turn
    const next = (this.#pswp.currIndex + 1) % this.#pswp.getNumItems()
    const shown = new Promise((resolve) => (this.#timer = setTimeout(resolve, SHOWN_MS)))
    await Promise.all([shown, this.#prepared(next).catch(() => {})])
    if (turn === this.#turn) this.#advance(next)
  }

  #advance(next) {
    this.#pswp.goTo(next)
    if (!reducedMotion.matches) {
      this.#pswp.currSlide.container.animate([{ opacity: 0 }, { opacity: 1 }], { duration: 500, easing: "ease-out" })
    }
    this.#wait()
  }

  #touched(event) {
    if (!event.target.closest("[data-slideshow]")) this.pause()
  }

  #set(playing) {
    this.playing = playing
    this.#pswp.dispatch("slideshowChange")
  }
}
