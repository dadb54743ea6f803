// The original, but only when somebody asks: by the button, or by zooming to 100 %, where one of its pixels is one of
// the screen's.

import { browserShows } from "./items.js"
import { backToPreview, fetchPicture, forget, previewWidth, renditionOf, showInstead } from "./rendition.js"

export class FullQuality {
  #pswp
  #button = document.createElement("button")
  #spinner = document.createElement("span")
  #words = document.createElement("span")
  #loading = null // { image, content }

  constructor(pswp, host) {
    this.#pswp = pswp
    this.#button.type = "button"
    this.#button.addEventListener("click", () => this.#ask())
    this.#spinner.className = "spinner"
    this.#words.className = "lightbox-quality-state"
    this.#words.setAttribute("role", "status")
    host.append(this.#button, this.#spinner, this.#words)

    pswp.on("change", () => this.#show())
    pswp.on("loadComplete", () => this.#show())
    pswp.on("slideDeactivate", ({ slide }) => this.#release(slide.content))
    pswp.on("zoomPanUpdate", ({ slide }) => {
      if (slide === pswp.currSlide && isAtFullSize(slide) && slide.content.quality !== "failed") this.#ask()
    })
    pswp.on("close", () => this.#cancel())
  }

  get #content() {
    return this.#pswp.currSlide?.content
  }

  #offers(content) {
    return content?.isImageContent() && !content.isError() && content.data.fullUrl && content.data.width > previewWidth(content)
  }

  #ask() {
    const content = this.#content
    if (!this.#offers(content) || this.#loading || renditionOf(content) === "original") return
    if (!browserShows(content.data)) {
      content.quality = "unshowable"
      this.#show()
      return
    }
    this.#load(content)
  }

  #load(content) {
    const { image, decoded } = fetchPicture(content.data.fullUrl)
    this.#loading = { image, content }
    content.quality = "loading"
    decoded.then(
      () => this.#finish(image, content, "full"),
      () => this.#finish(image, content, "failed"),
    )
    this.#show()
  }

  #finish(image, content, quality) {
    if (this.#loading?.image !== image) return // cancelled meanwhile
    this.#loading = null
    content.quality = quality
    if (quality === "full") showInstead(content, image, "original")
    this.#show()
  }

  #cancel() {
    if (!this.#loading) return
    forget(this.#loading.image)
    this.#loading.content.quality = undefined
    this.#loading = null
  }

  #release(content) {
    if (this.#loading?.content === content) this.#cancel()
    if (renditionOf(content) === "original") backToPreview(content)
    content.quality = undefined
  }

  #show() {
    const content = this.#content
    const offers = this.#offers(content)
    const quality = content?.quality
    const { sizeHuman, fileType, width, height } = content?.data ?? {}
    this.#button.hidden = !offers || ["loading", "full", "unshowable"].includes(quality)
    this.#button.textContent = quality === "failed" ? "Try again" : `Full quality, ${sizeHuman}`
    this.#spinner.hidden = quality !== "loading"
    const words = {
      loading: `Loading the original, ${sizeHuman}`,
      full: `The original, ${width} × ${height}`,
      failed: "The original could not be loaded. This is the preview.",
      unshowable: `Browsers cannot show ${fileType || "this kind of"} files. Download it for full quality.`,
    }
    this.#words.textContent = (offers && words[quality]) || ""
  }
}

function isAtFullSize({ currZoomLevel, zoomLevels }) {
  return currZoomLevel > zoomLevels.initial * 1.05 && currZoomLevel * window.devicePixelRatio > 0.98
}
