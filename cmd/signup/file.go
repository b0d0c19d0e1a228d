package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/signup-go/signup/field"
	"github.com/signup-go/signup/web"
	"github.com/signup-go/signup/webhook"
)

// fieldsKey holds the operator's extra sign-up fields, which are too long for
// a flag.
const fieldsKey = "fields"

// publicKey holds constants for the public settings of the API.
const publicKey = "public-settings"

// A configFile is the YAML file: one mapping of the settings' names to plain
// values, the extra fields, the public settings and the web hooks. A nil file has nothing in it.
type configFile struct {
	path   string
	values map[string]fileValue
	fields field.List
	public map[string]any

	webHooks []webhook.Hook
}

type fileValue struct {
	text string
	line int
}

// get returns a value and where it is written, or "" and "".
func (f *configFile) get(name string) (value, where string) {
	if f == nil {
		return "", ""
	}
	v, ok := f.values[name]
	if !ok {
		return "", ""
	}
	return v.text, fmt.Sprintf("%s:%d", f.path, v.line)
}

// readConfigFile reads the file at path, and everything that is wrong with it.
func readConfigFile(path string, settings []*setting) (*configFile, []error) {
	f := &configFile{path: path, values: map[string]fileValue{}}
	b, err := os.ReadFile(path)
	if err != nil {
		return f, []error{fmt.Errorf("configuration file: %w", err)}
	}
	entries, err := mapping(b)
	if err != nil {
		return f, []error{fmt.Errorf("%s: %w", path, err)}
	}
	var problems []error
	for _, entry := range entries {
		if err := f.add(entry, settings); err != nil {
			problems = append(problems, fmt.Errorf("%s:%d: %w", path, lineOf(entry.Key), err))
		}
	}
	return f, problems
}

// mapping returns the entries of the one mapping that the file is.
func mapping(b []byte) ([]*ast.MappingValueNode, error) {
	file, err := parser.ParseBytes(b, 0)
	if err != nil {
		// Without the lines around it, which may hold a secret.
		return nil, errors.New(yaml.FormatError(err, false, false))
	}
	var entries []*ast.MappingValueNode
	for _, doc := range file.Docs {
		switch body := doc.Body.(type) {
		case nil, *ast.CommentGroupNode, *ast.NullNode:
		case *ast.MappingNode:
			entries = append(entries, body.Values...)
		case *ast.MappingValueNode:
			entries = append(entries, body)
		default:
			return nil, errors.New("must hold settings as NAME: VALUE")
		}
	}
	if len(file.Docs) > 1 {
		return nil, errors.New("must be one YAML document, without ---")
	}
	return entries, nil
}

func lineOf(node ast.Node) int { return node.GetToken().Position.Line }

func (f *configFile) add(entry *ast.MappingValueNode, settings []*setting) error {
	key := entry.Key.GetToken().Value
	if key == fieldsKey {
		return f.readFields(entry.Value)
	}
	if key == publicKey {
		return f.readPublic(entry.Value)
	}
	if key == webHooksKey {
		return f.readWebHooks(entry.Value)
	}
	names := []string{fieldsKey, publicKey, webHooksKey}
	for _, s := range settings {
		if s.name == key && key != "config" {
			return f.readScalar(key, entry.Value)
		}
		names = append(names, s.name)
	}
	return fmt.Errorf("%s is not a setting%s", key, didYouMean(key, names))
}

func (f *configFile) readFields(node ast.Node) error {
	if err := yaml.NodeToValue(node, &f.fields, yaml.Strict()); err != nil {
		return fmt.Errorf("%s: %s", fieldsKey, yaml.FormatError(err, false, false))
	}
	if err := f.fields.Check(); err != nil {
		return fmt.Errorf("%s: %w", fieldsKey, err)
	}
	return nil
}

func (f *configFile) readPublic(node ast.Node) error {
	if err := yaml.NodeToValue(node, &f.public); err != nil {
		return fmt.Errorf("%s: %s", publicKey, yaml.FormatError(err, false, false))
	}
	if err := web.CheckPublicSettings(f.public); err != nil {
		return fmt.Errorf("%s: %w", publicKey, err)
	}
	return nil
}

// readScalar keeps a value as it is written: 1.10 is not 1.1.
func (f *configFile) readScalar(key string, node ast.Node) error {
	var text string
	switch n := node.(type) {
	case *ast.StringNode:
		text = n.Value
	case *ast.LiteralNode:
		text = n.Value.Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		text = n.GetToken().Value
	default:
		return fmt.Errorf("%s must be one plain value", key)
	}
	f.values[key] = fileValue{text, lineOf(node)}
	return nil
}
