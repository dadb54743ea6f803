// One preview at a time: neighbours are fetched once the picture that somebody waits for is there, so that on a slow phone
// they do not share its connection. (PhotoSwipe 5 begins with all three at once.)

export function takeTurns(pswp) {
  const waiting = new Set()

  function isCurrent(content) {
    return content === pswp.currSlide?.content
  }

  function goOn() {
    for (const content of waiting) {
      if (!isCurrent(content) && isAwaited(pswp.currSlide?.content)) continue
      waiting.delete(content)
      content.loadImage(true) // does nothing for what PhotoSwipe has thrown away since
    }
  }

  pswp.on("contentLoadImage", (event) => {
    const { content } = event
    if (isCurrent(content) || !isAwaited(pswp.currSlide?.content)) return
    event.preventDefault()
    waiting.add(content)
  })
  pswp.on("loadComplete", goOn)
  pswp.on("change", goOn)
  pswp.on("contentDestroy", ({ content }) => waiting.delete(content))
}

function isAwaited(content) {
  return content?.isImageContent() && (content.state === "idle" || content.state === "loading")
}
