// Browsers start no worker from a page that was opened from disk. This one runs the worker's script in a hidden frame,
// which browsers do allow, so that the search works without a server.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super()
      this.frame = document.createElement("iframe")
      this.frame.hidden = true
      this.frame.title = "search"
      document.body.append(this.frame)
      const inside = this.frame.contentWindow
      this.ready = new Promise(resolve => this.frame.addEventListener("load", resolve, { once: true }))
      inside.document.open()
      inside.document.write(`<!doctype html><script>
        postMessage = (...words) => parent.dispatchEvent(new CustomEvent("from-frame", { detail: words[0] }))
        importScripts = (...urls) => urls.reduce((before, url) => before.then(() => new Promise((resolve, reject) => {
          const script = document.createElement("script")
          Object.assign(script, { src: url, onload: resolve, onerror: reject })
          document.head.append(script)
        })), Promise.resolve())
      <\/script><script src="${url}"><\/script>`)
      inside.document.close()
      addEventListener("from-frame", event => {
        const message = new MessageEvent("message", { data: event.detail })
        this.dispatchEvent(message)
        this.onmessage?.(message)
      })
    }

    postMessage(data) {
      this.ready.then(() => this.frame.contentWindow.dispatchEvent(new MessageEvent("message", { data })))
    }

    terminate() { this.frame.remove() }
  }
}
