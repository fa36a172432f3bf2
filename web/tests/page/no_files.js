// A browser that gives no private files; imported before the worker's own script.
navigator.storage.getDirectory = () => Promise.reject(new DOMException('refused', 'SecurityError'));
