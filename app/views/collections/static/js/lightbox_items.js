// The gallery's tiles as slides.

// What a preview is at most this wide; used only until the picture itself is here and can be asked.
const PREVIEW_WIDTH = 1200
const SHOWABLE = /^(jpe?g|jfif|png|webp|gif|avif|bmp)$/i

export function slidesOf(gallery) {
  return [...gallery.querySelectorAll(".gallery-item[data-lightbox-index]")].map(slideOf)
}

function slideOf(tile) {
  const { fileUuid, fileName, fileSizeHuman, fileType, status, reason, previewUrl, fullUrl } = tile.dataset
  const thumb = tile.querySelector("img")
  const width = Number(tile.dataset.width) || thumb?.naturalWidth || PREVIEW_WIDTH
  const height = Number(tile.dataset.height) || thumb?.naturalHeight || (PREVIEW_WIDTH * 2) / 3
  const common = { element: tile, uuid: fileUuid, name: fileName, sizeHuman: fileSizeHuman, fileType, fullUrl, alt: fileName }
  if (status !== "completed" || !previewUrl) return { ...common, type: "message", status, reason }
  return {
    ...common,
    src: previewUrl,
    msrc: thumb?.currentSrc || thumb?.src,
    width,
    height,
    thumbCropped: true,
    previewWidth: Math.min(width, PREVIEW_WIDTH),
  }
}

export function browserShows(slide) {
  return SHOWABLE.test(slide.fileType || slide.name.split(".").pop())
}

// A sentence in the middle of the stage, for what cannot be shown; with the original where it may be had.
export function messageElement(slide, title, text) {
  const box = document.createElement("div")
  box.className = "lightbox-message"
  box.append(element("strong", title), element("p", text))
  if (slide.fullUrl) {
    const link = element("a", "Download the original")
    link.href = slide.fullUrl
    link.download = ""
    box.append(link)
  }
  return box
}

export function waitingMessage(slide) {
  if (slide.status === "failed") {
    return messageElement(slide, "No preview", slide.reason || "No preview could be made of this picture.")
  }
  return messageElement(slide, "Not ready yet", "The preview is being prepared. It will be in the gallery in a moment.")
}

function element(name, text) {
  const made = document.createElement(name)
  made.textContent = text
  return made
}
