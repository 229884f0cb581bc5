package notifier

import "testing"

func BenchmarkHint(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		orderOf(`{"type":"order_status_changed","order_id":"0b6a9c1e-2f0d-4c57-9a55-0d1f6a3a8f10","status":"ready","version":3}`)
	}
}

// A payload is a hint in whatever form somebody sends it: the order that it names is read, and where it names none, the
// whole queue.
func TestHintsNameTheirOrderInAnyForm(t *testing.T) {
	const id = "0b6a9c1e-2f0d-4c57-9a55-0d1f6a3a8f10"
	for payload, want := range map[string]string{
		`{"type":"order_status_changed","order_id":"` + id + `","status":"ready","version":3}`: id,
		`{"type":"order_deleted","order_id":"0B6A9C1E-2F0D-4C57-9A55-0D1F6A3A8F10"}`:           "0B6A9C1E-2F0D-4C57-9A55-0D1F6A3A8F10", // of a text key
		`{ "order_id" : "` + id + `" }`:                     id,
		`{"type":"x","order_id":"` + id:                     "",
		`{"type":"x","order_id":"` + id + `01234"}`:         "",
		`{"type":"queue_changed"}`:                          "",
		`{"type":"x","order_id":"no key"}`:                  "",
		`{"type":"x","order_id":"42","version":3}`:          "42",
		`{"order_id":"ord_01HZX-7"}`:                        "ord_01HZX-7",
		`{"order_id":42}`:                                   "",
		``:                                                  "",
		`{"type":"x","order_id":["` + id + `"]}`:            "",
		`{"type":"x","note":"\",\"order_id\":\"` + id + `"`: "",
	} {
		if got, ok := orderOf(payload); string(got) != want || ok != (want != "") {
			t.Errorf("%s: %q, %v", payload, got, ok)
		}
	}
}
