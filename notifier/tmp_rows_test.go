package notifier_test

func serverRows() []row { return nil }
func readRows() []row   { return nil }
