package web_test

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// A node is an element of a page.
type node struct{ *html.Node }

// parse reads a page as a browser does.
func parse(t testing.TB, body string) node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return node{root}
}

func (n node) attr(name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// all are the elements within n.
func (n node) all() []node {
	var out []node
	for d := range n.Descendants() {
		if d.Type == html.ElementNode {
			out = append(out, node{d})
		}
	}
	return out
}

func (n node) named(name string) []node {
	var out []node
	for _, d := range n.all() {
		if d.Data == name {
			out = append(out, d)
		}
	}
	return out
}

// labelled reports whether a label of the page is the control's, by its id or
// around it.
func (n node) labelled(control node) bool {
	for _, label := range n.named("label") {
		if label.attr("for") != "" && label.attr("for") == control.attr("id") {
			return true
		}
	}
	for p := range control.Ancestors() {
		if p.Type == html.ElementNode && p.Data == "label" {
			return true
		}
	}
	return false
}
