package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"github.com/signup-go/signup/event"
	"github.com/signup-go/signup/webhook"
)

// webHooksKey holds the web hooks that the configuration declares.
const webHooksKey = "web-hooks"

// A declaredHook is one of them as it is written.
type declaredHook struct {
	Name       string       `yaml:"name"`
	URL        string       `yaml:"url"`
	Types      []event.Type `yaml:"types"`
	Secret     string       `yaml:"secret"`
	SecretFile string       `yaml:"secret-file"`
}

func (f *configFile) readWebHooks(node ast.Node) error {
	var written []declaredHook
	if err := yaml.NodeToValue(node, &written, yaml.Strict()); err != nil {
		return fmt.Errorf("%s: %s", webHooksKey, yaml.FormatError(err, false, false))
	}
	seen := map[string]bool{}
	for _, w := range written {
		hook, err := w.hook()
		if seen[w.Name] {
			err = errors.New("is there twice")
		}
		if err != nil {
			return fmt.Errorf("%s: %s: %w", webHooksKey, w.Name, err)
		}
		seen[w.Name] = true
		f.webHooks = append(f.webHooks, hook)
	}
	return nil
}

func (w declaredHook) hook() (webhook.Hook, error) {
	if (w.Secret == "") == (w.SecretFile == "") {
		return webhook.Hook{}, errors.New("must have either a secret or a secret-file")
	}
	if w.SecretFile != "" {
		b, err := os.ReadFile(w.SecretFile)
		if err != nil {
			return webhook.Hook{}, fmt.Errorf("secret-file: %w", err)
		}
		w.Secret = strings.TrimSpace(string(b))
	}
	secret, err := webhook.ParseSecret(w.Secret)
	return webhook.Hook{Name: w.Name, URL: w.URL, Types: w.Types, Secret: secret}, err
}

// checkWebHooks checks the declared hooks when it is known which hosts are
// allowed.
func (c *config) checkWebHooks() {
	for _, hook := range c.webHooks {
		if err := webhook.CheckDeclared(hook, c.webHookAllow); err != nil {
			c.problems = append(c.problems, fmt.Errorf("%s: %s: %s: %s", c.fieldsWhere, webHooksKey, hook.Name, errorText(err)))
		}
	}
}

func (c *config) readWebHookAllow(s string) error {
	for item := range strings.SplitSeq(s, ",") {
		host := strings.TrimSpace(item)
		if host == "" || strings.ContainsAny(host, "/@* ") {
			return errors.New("must be names of hosts or addresses, such as app.internal or 10.0.0.5, with commas between")
		}
		c.webHookAllow = append(c.webHookAllow, host)
	}
	return nil
}
