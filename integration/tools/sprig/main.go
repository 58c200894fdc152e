// Command sprig renders templates with the real text/template and Sprig: the oracle of the tests
// of the template language.
//
//	sprig check DIRECTORY    compares the corpus and the list of names in it with Sprig
//	sprig update DIRECTORY   writes what Sprig gives into both
//	sprig                    answers JSON lines {"template": …, "data": …} on standard input
//
// The corpus, sprig.jsonl, is JSON lines. The first is {"data": …}, the others are cases with a template and what
// it gives: {"output": …}, {"bytes": …} in base64 where that is not UTF-8, or {"error": true}.
// Numbers of the data are json.Number, as in Vault's own client. The local time zone is UTC.
// sprig-names.txt has the name of every function, one on each line.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"text/template"
	"time"
	"unicode/utf8"

	"github.com/Masterminds/sprig/v3"
)

// answer is what a template gives.
type answer struct {
	Output *string `json:"output,omitempty"`
	Bytes  []byte  `json:"bytes,omitempty"`
	Error  bool    `json:"error,omitempty"`
}

// corpusCase is a line of a corpus. What tokenpipe gives instead, and why, is kept as it is.
type corpusCase struct {
	Template string `json:"template"`
	answer
	Ours    *answer `json:"ours,omitempty"`
	Because string  `json:"because,omitempty"`
}

func main() {
	time.Local = time.UTC
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "sprig:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 0:
		return serve(os.Stdin, os.Stdout)
	case len(args) == 2 && args[0] == "check":
		return errors.Join(checkNames(namesFile(args[1])), check(corpusFile(args[1])))
	case len(args) == 2 && args[0] == "update":
		names := os.WriteFile(namesFile(args[1]), []byte(names()), 0o644)
		return errors.Join(names, update(corpusFile(args[1])))
	default:
		return errors.New("usage: sprig [check DIRECTORY | update DIRECTORY]")
	}
}

func corpusFile(directory string) string { return filepath.Join(directory, "sprig.jsonl") }

func namesFile(directory string) string { return filepath.Join(directory, "sprig-names.txt") }

func names() string {
	var names []string
	for name := range sprig.GenericFuncMap() {
		names = append(names, name+"\n")
	}
	sort.Strings(names)
	return strings.Join(names, "")
}

func checkNames(path string) error {
	listed, err := os.ReadFile(path)
	if err == nil && string(listed) != names() {
		err = fmt.Errorf("%s does not list Sprig's functions; see `sprig update`", path)
	}
	return err
}

func serve(in io.Reader, out io.Writer) error {
	requests := json.NewDecoder(in)
	answers := encoder(out)
	for {
		var next struct {
			Template string          `json:"template"`
			Data     json.RawMessage `json:"data"`
		}
		if err := requests.Decode(&next); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		data, err := decodeData(next.Data)
		if err != nil {
			return err
		}
		if err := answers.Encode(render(next.Template, data)); err != nil {
			return err
		}
	}
}

func check(path string) error {
	data, cases, err := readCorpus(path)
	if err != nil {
		return err
	}
	wrong := 0
	for _, c := range cases {
		values, err := decodeData(data)
		if err != nil {
			return err
		}
		got, err := json.Marshal(render(c.Template, values))
		if err != nil {
			return err
		}
		want, err := json.Marshal(c.answer)
		if err != nil {
			return err
		}
		if !bytes.Equal(got, want) {
			wrong++
			fmt.Printf("%s\n  corpus %s\n  sprig  %s\n", c.Template, want, got)
		}
	}
	fmt.Printf("%d cases, %d differ from Sprig\n", len(cases), wrong)
	if wrong > 0 {
		return errors.New("the corpus is not what Sprig gives; see `sprig update`")
	}
	return nil
}

func update(path string) error {
	data, cases, err := readCorpus(path)
	if err != nil {
		return err
	}
	var file bytes.Buffer
	lines := encoder(&file)
	if err := lines.Encode(map[string]json.RawMessage{"data": data}); err != nil {
		return err
	}
	for _, c := range cases {
		values, err := decodeData(data)
		if err != nil {
			return err
		}
		c.answer = render(c.Template, values)
		if err := lines.Encode(c); err != nil {
			return err
		}
	}
	return os.WriteFile(path, file.Bytes(), 0o644)
}

func readCorpus(path string) (json.RawMessage, []corpusCase, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer file.Close()
	lines := json.NewDecoder(file)
	var head struct {
		Data json.RawMessage `json:"data"`
	}
	if err := lines.Decode(&head); err != nil {
		return nil, nil, err
	}
	var cases []corpusCase
	for {
		var c corpusCase
		if err := lines.Decode(&c); err == io.EOF {
			return head.Data, cases, nil
		} else if err != nil {
			return nil, nil, err
		}
		cases = append(cases, c)
	}
}

// decodeData makes new values for each template: some functions change maps in place.
func decodeData(raw json.RawMessage) (map[string]any, error) {
	data := map[string]any{}
	if len(raw) == 0 {
		return data, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	err := decoder.Decode(&data)
	return data, err
}

func render(source string, data map[string]any) answer {
	parsed, err := template.New("value").Delims("${", "}").Option("missingkey=error").
		Funcs(sprig.TxtFuncMap()).Parse(source)
	if err != nil {
		return answer{Error: true}
	}
	var output bytes.Buffer
	if err := parsed.Execute(&output, data); err != nil {
		return answer{Error: true}
	}
	if !utf8.Valid(output.Bytes()) {
		return answer{Bytes: output.Bytes()}
	}
	text := output.String()
	return answer{Output: &text}
}

func encoder(out io.Writer) *json.Encoder {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	return encoder
}
