package notifier_test

func networkRows() []row { return nil }
func serverRows() []row  { return nil }
func triggerRows() []row { return nil }
func readRows() []row    { return nil }
