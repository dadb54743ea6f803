// The original, but only when somebody asks: by the button, or by zooming beyond what the preview holds.

import { browserShows } from "./lightbox_items.js"

export class FullQuality {
  #pswp
  #button = document.createElement("button")
  #spinner = document.createElement("span")
  #words = document.createElement("span")
  #loading = null

  constructor(pswp, host) {
    this.#pswp = pswp
    this.#button.type = "button"
    this.#button.addEventListener("click", () => this.#ask())
    this.#spinner.className = "spinner"
    this.#words.className = "lightbox-quality-state"
    this.#words.setAttribute("role", "status")
    host.append(this.#button, this.#spinner, this.#words)

    pswp.on("change", () => {
      this.#cancel()
      this.#show()
    })
    pswp.on("loadComplete", () => this.#show())
    pswp.on("zoomPanUpdate", ({ slide }) => {
      const asked = slide === pswp.currSlide && this.#isBeyondPreview(slide)
      if (asked && slide.content.quality !== "failed") this.#ask()
    })
    pswp.on("close", () => this.#cancel())
  }

  get #content() {
    return this.#pswp.currSlide?.content
  }

  #isBeyondPreview(slide) {
    const grown = slide.currZoomLevel > slide.zoomLevels.initial * 1.05
    return grown && slide.currZoomLevel * slide.width > previewWidth(slide.content) * 1.05
  }

  #offers(content) {
    return content?.isImageContent() && !content.isError() && content.data.fullUrl && content.data.width > previewWidth(content)
  }

  #ask() {
    const content = this.#content
    if (!this.#offers(content) || this.#loading || content.quality === "full") return
    if (!browserShows(content.data)) {
      content.quality = "unshowable"
      this.#show()
      return
    }
    this.#load(content)
  }

  #load(content) {
    const image = new Image()
    this.#loading = image
    content.quality = "loading"
    image.decoding = "async"
    image.src = content.data.fullUrl
    image.decode().then(
      () => this.#finish(image, content, "full"),
      () => this.#finish(image, content, "failed"),
    )
    this.#show()
  }

  #finish(image, content, quality) {
    if (this.#loading !== image) return // cancelled meanwhile
    this.#loading = null
    content.quality = quality
    if (quality === "full") swap(content, image)
    this.#show()
  }

  // Whoever moves on no longer wants the megabytes.
  #cancel() {
    if (!this.#loading) return
    this.#loading.src = ""
    this.#loading = null
    for (const holder of this.#pswp.mainScroll.itemHolders) {
      const content = holder.slide?.content
      if (content?.quality === "loading") content.quality = undefined
    }
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

function previewWidth(content) {
  const image = content.element
  const natural = content.quality === "full" ? 0 : image?.naturalWidth
  if (natural) content.data.previewWidth = natural
  return content.data.previewWidth
}

function swap(content, image) {
  const preview = content.element
  image.className = preview.className
  image.alt = preview.alt
  image.style.width = preview.style.width
  image.style.height = preview.style.height
  preview.replaceWith(image)
  content.element = image
}
