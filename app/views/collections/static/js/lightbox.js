// The gallery's pictures, one at a time. Shows the preview, never the original, until asked. Without this script a
// tile is a link to its preview.

import * as address from "./lightbox_address.js"
import { messageElement, slidesOf, waitingMessage } from "./lightbox_items.js"
import { addBar, ICONS } from "./lightbox_bar.js"

const collection = document.querySelector("[data-collection]")
const gallery = collection.querySelector("[data-gallery]")
let open = null // the PhotoSwipe on stage, if any

async function show(uuid) {
  if (open) return
  const slides = slidesOf(gallery)
  const index = slides.findIndex((slide) => slide.uuid === uuid)
  if (index < 0) return
  const { default: PhotoSwipe } = await import(collection.dataset.photoswipeUrl)
  if (open) return
  open = new PhotoSwipe(optionsFor(slides, index))
  addBar(open)
  wire(open)
  address.enter(uuid)
  open.init()
}

function optionsFor(slides, index) {
  return {
    dataSource: slides,
    ...ICONS,
    index,
    bgOpacity: 1,
    showAnimationDuration: 240,
    hideAnimationDuration: 240,
    preload: [1, 2],
    preloaderDelay: 400,
    returnFocus: false, // to the tile that was looked at last, not to the first
    indexIndicatorSep: " of ",
    paddingFn: ({ x, y }) => (y < 520 ? { top: 0, bottom: 0, left: 0, right: 0 } : margins(x)),
    secondaryZoomLevel: ({ fit, pan, itemData }) => closest(fit, itemData),
    maxZoomLevel: ({ fit, itemData }) => (itemData.fullUrl ? Math.max(1, fit) : closest(fit, itemData)),
  }
}

function margins(width) {
  const side = width < 700 ? 0 : 24
  return { top: 56, bottom: 64, left: side, right: side }
}

// 100 % of the original on a large screen, three times the fit on a small one; without the original no further than
// the preview has something to show.
function closest(fit, { fullUrl, previewWidth, width }) {
  const limit = fullUrl ? 1 : (previewWidth * 1.5) / width
  const near = window.matchMedia("(pointer: coarse)").matches ? Math.min(limit, fit * 3) : limit
  return Math.max(near, fit)
}

function wire(pswp) {
  pswp.addFilter("placeholderSrc", (src, content) => content.data.msrc || src)
  pswp.addFilter("contentErrorElement", (element, content) =>
    messageElement(content.data, "The preview did not load", "The connection may be slow or gone. Coming back to this photograph tries again."),
  )
  pswp.on("contentLoad", (event) => {
    const { content } = event
    if (content.type !== "message") return
    event.preventDefault()
    content.element = document.createElement("div")
    content.element.className = "pswp__content"
    content.element.append(waitingMessage(content.data))
    content.state = "loaded"
  })
  pswp.on("change", () => address.move(pswp.currSlide.data.uuid))
  pswp.on("openingAnimationEnd", () => address.photoInAddress() || pswp.close()) // Back came too early to be heeded
  pswp.on("initialLayout", () => dress(pswp))
  pswp.on("close", () => leave(pswp))
  pswp.on("destroy", () => finish(pswp))
}

// A dialog for screen readers too: the page behind is out of reach until it closes.
function dress(pswp) {
  pswp.element.setAttribute("aria-modal", "true")
  pswp.element.setAttribute("aria-label", document.querySelector("h1").textContent)
  setInert(pswp, true)
}

function setInert(pswp, inert) {
  for (const part of document.body.children) {
    if (part !== pswp.element) part.inert = inert
  }
}

function leave(pswp) {
  pswp.currSlide.data.element.scrollIntoView({ block: "nearest", behavior: "instant" })
  address.leave()
}

function finish(pswp) {
  setInert(pswp, false)
  open = null
  document.getElementById(`file-${pswp.currSlide.data.uuid}`)?.querySelector("a, button")?.focus({ preventScroll: true })
}

gallery.addEventListener("click", (event) => {
  const link = event.target.closest(".tile-link")
  const plain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
  if (!link || !plain) return
  event.preventDefault()
  show(link.closest(".gallery-item").dataset.fileUuid).catch(() => location.assign(link.href))
})

window.addEventListener("popstate", () => {
  const uuid = address.photoInAddress()
  if (uuid) show(uuid)
  else open?.close()
})

const linked = address.photoInAddress()
if (linked) show(linked)
