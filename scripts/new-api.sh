#!/usr/bin/env bash
# Makes the rooms of another API, with one operation that works and is tested:
#
#   scripts/new-api.sh NAME       NAME: lower-case letters and digits, as in /api/NAME
#
# The templates are in scripts/new-api.d; the word __api__ stands for NAME. The
# API is also entered in openapi/openapi.go, openapi/openapi_test.go and
# handlers/apis.go. Nothing that is there already is overwritten.
set -euo pipefail
cd "$(dirname "$0")/.."

name=${1:-}
if [[ ! $name =~ ^[a-z][a-z0-9]{1,30}$ ]]; then
  sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "$0" >&2
  exit 2
fi
upper=${name^^}
for room in "openapi/$name.yaml" "gen/$name" "store/$name" "handlers/$name"; do
  if [ -e "$room" ]; then
    echo "new-api: $room is there already" >&2
    exit 1
  fi
done

fill() { sed "s/__API__/$upper/g; s/__api__/$name/g"; }

while IFS= read -r template; do
  file=$(fill <<<"${template#scripts/new-api.d/}")
  file=${file%.tmpl}
  mkdir -p "$(dirname "$file")"
  fill <"$template" >"$file"
  echo "  $file"
done < <(find scripts/new-api.d -type f | sort)

# enter FILE MARK BEFORE|AFTER: puts the text of standard input before or after
# the first line (after: the last line) that matches; fails when none does.
enter() {
  local file=$1 mark=$2 where=$3 text line
  text=$(fill)
  if [ "$where" = before ]; then
    line=$(grep -nE -m 1 -- "$mark" "$file" | cut -d: -f1)
    line=$((line - 1))
  else
    line=$(grep -nE -- "$mark" "$file" | tail -n 1 | cut -d: -f1)
  fi
  { head -n "$line" "$file"; printf '%s\n' "$text"; tail -n "+$((line + 1))" "$file"; } >"$file.new"
  mv "$file.new" "$file"
  echo "  $file (entered)"
}

cat >>openapi/openapi.go <<END

// $upper is the document of the $upper API, byte for byte as $name.yaml.
//
//go:embed $name.yaml
var $upper []byte
END
echo '  openapi/openapi.go (entered)'
enter openapi/openapi_test.go '^var contracts = ' after <<'END'
	"__api__": {yaml: openapi.__API__, operations: 1, errors: "application/problem+json", notAccept: true},
END
enter handlers/apis.go '^	"loket/handlers/capo"' before <<'END'
	"loket/handlers/__api__"
	"loket/store/__api__/__api__db"
END
enter handlers/apis.go '^	\{[a-z0-9]+db\.API, ' after <<'END'
	{__api__db.API, __api__Room, __api__db.Migrations},
END
enter handlers/apis.go '^// Rooms opens all APIs' before <<'END'
func __api__Room(d Deps) Room {
	db := __api__db.New(__api__db.Deps{DB: d.DB, Accounts: d.Accounts, IDs: d.IDs, Now: d.Clock})
	return Room{API: __api__.New(__api__.Deps{DB: db, Accounts: d.Accounts})}
}

END
gofmt -w openapi handlers/apis.go "handlers/$name" "store/$name"

echo 'generating'
scripts/generate
go run ./scripts/docs

cat <<END

The rooms of $name are made; this should pass now:

  go test ./openapi ./gen/$name ./store/$name/... ./handlers ./handlers/$name

What is left (CONTRIBUTING.md, "Another API in seven steps"):

  2. copy the page to openapi/testdata/seeds/$name.txt; write openapi/$name.yaml from it,
     give the number of operations in openapi/openapi_test.go and the page in page_test.go,
     then: make generate lint-spec
  3. rules in store/$name, with a test over every state, action and role
  4. rows, migrations and use cases in store/$name/${name}db; tests on both databases
  5. handlers in handlers/$name, failures in errors.go; every declared pair of operation
     and status is produced by a test
  6. demo data, settings in config.go, clients (scripts/clients.d/$name), rows in scripts/bench
     and the page's scenarios: openapi/workflows/$name.yaml
  7. openapi/$name.md, README.md and CHANGELOG.md
END
