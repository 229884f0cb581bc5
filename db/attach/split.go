package attach

import "strings"

// statement is one SQL statement of a file, without its semicolon.
type statement struct {
	text string
	line int // of its first word, from 1
}

// split cuts a file into statements, at semicolons that are neither in quotes nor in comments nor in a function body (PostgreSQL manual,
// "Lexical Structure").
func split(sql string) (all []statement) {
	start := 0
	for i := 0; i < len(sql); {
		switch rest := sql[i:]; {
		case strings.HasPrefix(rest, "--"):
			i += length(rest, "\n")
		case strings.HasPrefix(rest, "/*"):
			i += comment(rest)
		case rest[0] == '\'':
			i += quoted(rest, i > 0 && (sql[i-1] == 'e' || sql[i-1] == 'E') && (i == 1 || !isWord(sql[i-2])))
		case rest[0] == '"':
			i += 1 + length(rest[1:], `"`)
		case rest[0] == '$' && (i == 0 || !isWord(sql[i-1])) && dollar(rest) != "":
			tag := dollar(rest)
			i += len(tag) + length(rest[len(tag):], tag)
		case atomicBody(sql[start:i], rest):
			i += body(rest)
		case rest[0] == ';':
			all = appendStatement(all, sql, start, i)
			i++
			start = i
		default:
			i++
		}
	}
	return appendStatement(all, sql, start, len(sql))
}

func appendStatement(all []statement, sql string, from, to int) []statement {
	for from < to { // skip white space and comments before the first word
		rest := sql[from:to]
		switch {
		case strings.ContainsRune(" \t\r\n", rune(rest[0])):
			from++
			continue
		case strings.HasPrefix(rest, "--"):
			from += length(rest, "\n")
			continue
		case strings.HasPrefix(rest, "/*"):
			from += comment(rest)
			continue
		}
		break
	}
	if from >= to {
		return all
	}
	return append(all, statement{text: strings.TrimRight(sql[from:to], " \t\r\n"), line: lineAt(sql, from)})
}

// lineAt is the line of an offset, from 1.
func lineAt(text string, offset int) int { return 1 + strings.Count(text[:offset], "\n") }

// length is the length of s up to and including the first end, or of all of s where there is none.
func length(s, end string) int {
	if i := strings.Index(s, end); i >= 0 {
		return i + len(end)
	}
	return len(s)
}

// comment is the length of a comment, which may hold others.
func comment(s string) int {
	depth := 0
	for i := 0; i < len(s); {
		switch {
		case strings.HasPrefix(s[i:], "/*"):
			depth++
			i += 2
		case strings.HasPrefix(s[i:], "*/"):
			if depth--; depth == 0 {
				return i + 2
			}
			i += 2
		default:
			i++
		}
	}
	return len(s)
}

func quoted(s string, backslashes bool) int {
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && backslashes:
			i++
		case s[i] == '\'':
			return i + 1
		}
	}
	return len(s)
}

// dollar is the tag that opens a dollar-quoted string, or nothing.
func dollar(s string) string {
	for i := 1; i < len(s); i++ {
		if s[i] == '$' {
			return s[:i+1]
		}
		if !isWord(s[i]) || i == 1 && s[i] >= '0' && s[i] <= '9' {
			break
		}
	}
	return ""
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// atomicBody reports whether an SQL body (begin atomic … end) begins here, whose semicolons do not end the statement.
func atomicBody(before, rest string) bool {
	if len(rest) < 12 || !strings.EqualFold(rest[:5], "begin") || before != "" && isWord(before[len(before)-1]) {
		return false
	}
	word := strings.TrimLeft(rest[5:], " \t\r\n")
	return len(word) > 6 && strings.EqualFold(word[:6], "atomic") && !isWord(word[6])
}

// body is the length of an SQL body up to its end; case expressions in it have an end of their own.
func body(s string) int {
	depth, word := 0, ""
	for i := 0; i < len(s); {
		switch rest := s[i:]; {
		case strings.HasPrefix(rest, "--"):
			i += length(rest, "\n")
		case strings.HasPrefix(rest, "/*"):
			i += comment(rest)
		case rest[0] == '\'':
			i += quoted(rest, false)
		case rest[0] == '"':
			i += 1 + length(rest[1:], `"`)
		case isWord(rest[0]):
			n := 1
			for n < len(rest) && isWord(rest[n]) {
				n++
			}
			word = strings.ToLower(rest[:n])
			i += n
			switch word {
			case "begin", "case":
				depth++
			case "end":
				if depth--; depth == 0 {
					return i
				}
			}
		default:
			i++
		}
	}
	return len(s)
}
