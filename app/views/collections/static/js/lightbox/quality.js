// Shows the original on request: with the button "View original", or by zooming to 100% (one pixel per device pixel).

import { backToPreview, loadImage, previewWidth, renditionOf, showInstead, unload } from "./rendition.js"

export class FullQuality {
  #pswp
  #button = document.createElement("button")
  #spinner = document.createElement("span")
  #state = document.createElement("span")
  #loading = null // { image, content }

  constructor(pswp, host) {
    this.#pswp = pswp
    this.#button.type = "button"
    this.#button.addEventListener("click", () => this.#request())
    this.#spinner.className = "spinner"
    this.#state.className = "lightbox-quality-state"
    this.#state.setAttribute("role", "status")
    host.append(this.#button, this.#spinner, this.#state)

    pswp.on("change", () => this.#show())
    pswp.on("loadComplete", () => this.#show())
    pswp.on("slideDeactivate", ({ slide }) => this.#release(slide.content))
    pswp.on("zoomPanUpdate", ({ slide }) => {
      if (slide === pswp.currSlide && isAtFullSize(slide) && slide.content.quality !== "failed") this.#request()
    })
    pswp.on("close", () => this.#cancel())
  }

  get #content() {
    return this.#pswp.currSlide?.content
  }

  #isAvailable(content) {
    return content?.isImageContent() && !content.isError() && content.data.fullUrl && content.data.width > previewWidth(content)
  }

  #request() {
    const content = this.#content
    if (!this.#isAvailable(content) || this.#loading || renditionOf(content) === "original") return
    if (!content.data.isDrawable) {
      content.quality = "unshowable"
      this.#show()
      return
    }
    this.#load(content)
  }

  #load(content) {
    const { image, decoded } = loadImage(content.data.fullUrl)
    this.#loading = { image, content }
    content.quality = "loading"
    decoded.then(
      () => this.#finish(image, content, "full"),
      () => this.#finish(image, content, "failed"),
    )
    this.#show()
  }

  #finish(image, content, quality) {
    if (this.#loading?.image !== image) return // cancelled
    this.#loading = null
    content.quality = quality
    if (quality === "full") showInstead(content, image, "original")
    this.#show()
  }

  #cancel() {
    if (!this.#loading) return
    unload(this.#loading.image)
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
    const available = this.#isAvailable(content)
    const quality = content?.quality
    const { sizeHuman, fileType, width, height } = content?.data ?? {}
    this.#button.hidden = !available || ["loading", "full", "unshowable"].includes(quality)
    this.#button.textContent = quality === "failed" ? "Retry" : `View original (${sizeHuman})`
    this.#spinner.hidden = quality !== "loading"
    const texts = {
      loading: `Loading original (${sizeHuman})`,
      full: `Original, ${width} × ${height}`,
      failed: "The original couldn’t be loaded. This is the preview.",
      unshowable: `This browser can’t show ${fileType || "these"} files. Download the original instead.`,
    }
    this.#state.textContent = (available && texts[quality]) || ""
  }
}

function isAtFullSize({ currZoomLevel, zoomLevels }) {
  return currZoomLevel > zoomLevels.initial * 1.05 && currZoomLevel * window.devicePixelRatio > 0.98
}
