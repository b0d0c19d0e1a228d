package colour

import "testing"

func TestParse(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{"#1d4ed8": "#1d4ed8", "#FF0000": "#ff0000", "#06c": "#0066cc"} {
		if c, err := Parse(s); err != nil || c.String() != want {
			t.Errorf("%s: %s, %v", s, c, err)
		}
	}
	for _, bad := range []string{"", "red", "1d4ed8", "#12345", "#1234567", "#gggggg", "#-12345", "#é", "rgb(0,0,0)"} {
		if _, err := Parse(bad); err == nil {
			t.Errorf("%s was accepted", bad)
		}
	}
}
