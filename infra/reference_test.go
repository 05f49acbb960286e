package main

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestEveryReferenceResolves: CloudFormation refuses a template that refers to something it
// does not declare. The emulators ignore such a reference where they do not read it.
func TestEveryReferenceResolves(t *testing.T) {
	exported := exports()
	for name, template := range app.templates {
		t.Run(name, func(t *testing.T) {
			ids := declared(template)
			for _, r := range references(template) {
				if r.imported {
					assert.Contains(t, exported, r.target, "no stack exports it")
				} else if !strings.HasPrefix(r.target, "AWS::") {
					assert.Contains(t, ids, r.target, "the stack does not declare it")
				}
			}
		})
	}
}

func TestReferencesAreFound(t *testing.T) {
	found := references(map[string]any{
		"a": map[string]any{"Ref": "A"},
		"b": []any{map[string]any{"Fn::GetAtt": []any{"B", "Arn"}}, map[string]any{"Fn::GetAtt": "C.Arn"}},
		"c": map[string]any{"Fn::Sub": "${D}-${!Literal}-${E.Arn}"},
		"d": map[string]any{"Fn::Sub": []any{"${Own}-${F}", map[string]any{"Own": map[string]any{"Ref": "G"}}}},
		"e": map[string]any{"Fn::ImportValue": "H"},
		"f": map[string]any{"DependsOn": []any{"I"}},
		"g": map[string]any{"DependsOn": "J"},
	})
	var targets []string
	for _, r := range found {
		targets = append(targets, r.target)
	}
	require.ElementsMatch(t, strings.Split("ABCDEFGHIJ", ""), targets)
}

// reference is the logical id that a template refers to, or the name of another stack's export.
type reference struct {
	target   string
	imported bool
}

func references(v any) []reference {
	var found []reference
	switch v := v.(type) {
	case []any:
		for _, element := range v {
			found = append(found, references(element)...)
		}
	case map[string]any:
		for key, value := range v {
			found = append(found, referencesOf(key, value)...)
			found = append(found, references(value)...)
		}
	}
	return found
}

// referencesOf returns what one member refers to by its own value, not by what the value holds.
func referencesOf(key string, value any) []reference {
	switch key {
	case "Ref":
		return []reference{{target: value.(string)}}
	case "Fn::GetAtt":
		id, _, _ := strings.Cut(stringList(value)[0], ".")
		return []reference{{target: id}}
	case "Fn::ImportValue":
		return []reference{{target: value.(string), imported: true}}
	case "DependsOn":
		var found []reference
		for _, id := range stringList(value) {
			found = append(found, reference{target: id})
		}
		return found
	case "Fn::Sub":
		return substitutions(value)
	default:
		return nil
	}
}

// substitutions returns the variables of a Fn::Sub, without those that it defines itself.
func substitutions(v any) []reference {
	text, own := v, map[string]any{}
	if list, ok := v.([]any); ok {
		text, own = list[0], list[1].(map[string]any)
	}
	var found []reference
	for _, match := range regexp.MustCompile(`\$\{([^!}.]+)[^}]*\}`).FindAllStringSubmatch(text.(string), -1) {
		if _, defined := own[match[1]]; !defined {
			found = append(found, reference{target: match[1]})
		}
	}
	return found
}

// declared returns the logical ids of a template.
func declared(template map[string]any) []string {
	var ids []string
	for _, section := range []string{"Resources", "Parameters"} {
		members, _ := template[section].(map[string]any)
		ids = slices.AppendSeq(ids, maps.Keys(members))
	}
	return ids
}

// exports returns the names that the stacks export.
func exports() []string {
	var names []string
	for _, template := range app.templates {
		outputs, _ := template["Outputs"].(map[string]any)
		for _, output := range outputs {
			if export, ok := output.(map[string]any)["Export"].(map[string]any); ok {
				names = append(names, export["Name"].(string))
			}
		}
	}
	return names
}
