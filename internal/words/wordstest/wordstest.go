// Package wordstest helps packages to test their catalogues.
package wordstest

import (
	"maps"
	"slices"
	"strconv"
	"testing"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// Forms returns the plural forms of a message; only "other" if it does not depend
// on a number.
func Forms(m *i18n.Message) map[string]string {
	all := map[string]string{"zero": m.Zero, "one": m.One, "two": m.Two, "few": m.Few, "many": m.Many, "other": m.Other}
	maps.DeleteFunc(all, func(_, text string) bool { return text == "" })
	return all
}

// DemandedForms returns the plural forms that go-i18n, which has the rules of
// CLDR, uses for enough numbers to cover all of them.
func DemandedForms(t testing.TB, tag language.Tag) []string {
	t.Helper()
	bundle := i18n.NewBundle(language.English)
	err := bundle.AddMessages(tag, &i18n.Message{
		ID: "form", Zero: "zero", One: "one", Two: "two", Few: "few", Many: "many", Other: "other",
	})
	if err != nil {
		t.Fatal(err)
	}
	counts := []string{"0.5", "1.5", "1000000"}
	for n := range 201 {
		counts = append(counts, strconv.Itoa(n))
	}
	met := map[string]bool{}
	for _, count := range counts {
		form, err := i18n.NewLocalizer(bundle, tag.String()).Localize(&i18n.LocalizeConfig{MessageID: "form", PluralCount: count})
		if err != nil {
			t.Fatal(err)
		}
		met[form] = true
	}
	return slices.Sorted(maps.Keys(met))
}
