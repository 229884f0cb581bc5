package doctor

import (
	"testing"

	"kitchen/db/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }
