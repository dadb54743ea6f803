// The slide of a tile, and the messages for photos that cannot be shown.

import { humanSize } from "../shared/format.js"

// Upper limits from app/imaging/variants.py; the actual width of a preview is known when it has loaded.
const PREVIEW_WIDTH = 1200
const LARGE_SIDE = 2048

export function slideOf(tile) {
  const { fileUuid, fileName, fileSize, status, reason, previewUrl, fullUrl } = tile.dataset
  const thumb = tile.querySelector(".tile-link img")
  const width = Number(thumb?.getAttribute("width")) || thumb?.naturalWidth || PREVIEW_WIDTH
  const height = Number(thumb?.getAttribute("height")) || thumb?.naturalHeight || (PREVIEW_WIDTH * 2) / 3
  const common = { uuid: fileUuid, name: fileName, alt: fileName, fileType: typeOf(fileName), status, fullUrl }
  common.sizeHuman = fileSize && humanSize(Number(fileSize))
  common.isDrawable = tile.dataset.undrawable === undefined
  common.infoUrl = previewUrl && beside(previewUrl, "info").href
  if (status !== "completed" || !previewUrl) return { ...common, type: "message", reason }
  return {
    ...common,
    get src() {
      return tile.dataset.previewSrc || previewUrl // a presigned URL changes before it expires
    },
    get msrc() {
      return placeholderOf(thumb)
    },
    width,
    height,
    thumbCropped: true,
    previewWidth: Math.min(width, PREVIEW_WIDTH),
    largeUrl: width > PREVIEW_WIDTH ? largeUrlOf(previewUrl) : "",
    largeWidth: Math.round(width * Math.min(1, LARGE_SIDE / Math.max(width, height))),
  }
}

// All URLs of a file differ from that of its preview in the last part.
function beside(previewUrl, path) {
  return new URL(path, new URL(previewUrl, location.href))
}

// `large` is for big and dense screens, and is made on request; it has the version of the preview.
function largeUrlOf(previewUrl) {
  const { pathname } = beside(previewUrl, "variants/large")
  return pathname + new URL(previewUrl, location.href).search
}

function typeOf(name) {
  return name.includes(".") ? name.split(".").pop().slice(0, 5).toUpperCase() : ""
}

// The loaded thumbnail, else the blurred placeholder, is shown until the preview has loaded. Undefined without a srcset:
// the thumbnail is square then and would jump.
function placeholderOf(thumb) {
  if (!thumb?.srcset) return undefined
  if (thumb.complete && thumb.naturalWidth) return thumb.currentSrc
  const likeness = thumb.parentElement.querySelector("canvas.likeness")
  return likeness?.toDataURL() ?? thumb.srcset.split(" ")[0]
}

export function loadErrorElement(slide, title) {
  return messageElement(slide, title, "Check your connection. Go to another photo and back to retry.")
}

// A message in place of the photo, with a download link if the visitor may download it.
function messageElement(slide, title, text) {
  const box = document.createElement("div")
  box.className = "lightbox-message"
  box.append(element("strong", title), element("p", text))
  if (slide.fullUrl) {
    const link = element("a", "Download original")
    link.href = slide.fullUrl
    link.download = ""
    box.append(link)
  }
  return box
}

export function waitingMessage(slide) {
  if (slide.status === "loading") return loadingElement()
  if (slide.status === "unreachable") return loadErrorElement(slide, "This photo couldn’t be loaded")
  if (slide.status === "failed") return messageElement(slide, "No preview", slide.reason || "This photo has no preview.")
  return messageElement(slide, "Not ready yet", "The preview is being made. It appears here when it is ready.")
}

function loadingElement() {
  const box = document.createElement("div")
  box.className = "lightbox-message lightbox-loading"
  const spinner = element("span", "")
  spinner.className = "spinner"
  const label = element("span", "Loading")
  label.className = "visually-hidden"
  box.append(spinner, label)
  return box
}

function element(name, text) {
  const created = document.createElement(name)
  created.textContent = text
  return created
}
