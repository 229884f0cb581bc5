package ws

import "kitchen/ws/protocol"

// answer queues a document for this display only, as the answer to a request of its own.
func (d *display) answer(doc []byte) {
	if d.pushAnswer(protocol.Frame(protocol.Text, doc)) {
		d.flush()
	}
}
