#!/usr/bin/env bash
# The servers that tests can use beside SQLite, each on a free loopback port
# with its files in a folder of its own; nothing that runs already is touched.
#
#   eval "$(scripts/services.sh start [postgres] [redis])"   # both when none is named
#   scripts/services.sh stop "$LOKET_SERVICES"
#   scripts/services.sh run [postgres] [redis] -- COMMAND…   # start, run with the variables, always stop
#
# start prints LOKET_TEST_POSTGRES, LOKET_TEST_REDIS and LOKET_SERVICES (the
# folder). With LOKET_SERVICES set and those servers running, it prints the
# same again. What is missing is installed with apt-get, which takes root.
set -euo pipefail

readonly marker=.loket-services

say() { printf 'services: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

# install PACKAGE COMMAND: makes sure, or says what to do.
install() {
  if ! command -v apt-get >/dev/null; then
    fail "$2 is missing and there is no apt-get here: install $1"
  fi
  if [ "$(id -u)" != 0 ]; then
    fail "$2 is missing: run 'sudo apt-get install $1'"
  fi
  say "installing $1"
  {
    export DEBIAN_FRONTEND=noninteractive
    apt-get install -y --no-install-recommends "$1" ||
      { apt-get update && apt-get install -y --no-install-recommends "$1"; }
  } >&2 || fail "apt-get could not install $1"
}

# postgres_bin: the folder of the newest PostgreSQL, or nothing.
postgres_bin() {
  local dir
  while read -r dir; do
    if [ -x "$dir/initdb" ] && [ -x "$dir/pg_ctl" ] && [ -x "$dir/postgres" ]; then
      printf '%s\n' "$dir"
      return
    fi
  done < <({
    printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV # Debian keeps them off PATH
    command -v initdb | xargs -r dirname
  } 2>/dev/null) # the reader stops early
}

# as_postgres COMMAND…: PostgreSQL refuses to run as root.
as_postgres() {
  if [ "$(id -u)" = 0 ]; then
    (cd / && runuser -u postgres -- "$@")
  else
    "$@"
  fi
}

# taken PORT: something listens there.
taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

free_port() {
  local port
  for _ in $(seq 50); do
    port=$((20000 + RANDOM % 12000)) # below the range that the kernel gives to clients
    if ! taken "$port"; then
      printf '%s\n' "$port"
      return
    fi
  done
  fail "no free port found"
}

# ours PID FOLDER: the process runs, and is the one that was started for the
# folder (the number may have gone to another since).
ours() {
  kill -0 "$1" 2>/dev/null || return 1
  if [ -r "/proc/$1/cmdline" ]; then
    tr '\0' ' ' <"/proc/$1/cmdline" | grep -qF -- "$2" && return
    [ "$(readlink "/proc/$1/cwd" 2>/dev/null)" = "$2" ] && return
    return 1
  fi
}

start_postgres() {
  local dir=$1/postgres bin port
  bin=$(postgres_bin)
  if [ -z "$bin" ]; then
    install postgresql PostgreSQL
    bin=$(postgres_bin)
    [ -n "$bin" ] || fail "postgresql is installed, but initdb was not found"
  fi
  if [ "$(id -u)" = 0 ]; then
    id postgres >/dev/null 2>&1 || fail "there is no user postgres, and PostgreSQL refuses to run as root"
    command -v runuser >/dev/null || fail "runuser is missing (package util-linux)"
  fi
  mkdir "$dir"
  [ "$(id -u)" != 0 ] || chown postgres "$dir"
  as_postgres "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$1/initdb.log" 2>&1 ||
    { cat "$1/initdb.log" >&2; fail "initdb failed"; }
  # Nothing here has to survive: no fsync. Each test has its database and its
  # connections, several test programs at once.
  for _ in 1 2 3; do
    port=$(free_port)
    if as_postgres "$bin/pg_ctl" -D "$dir/data" -l "$dir/log" -w -t 60 \
      -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_connections=400" \
      start >/dev/null 2>&1; then
      head -n 1 "$dir/data/postmaster.pid" >"$1/postgres.pid"
      printf "export LOKET_TEST_POSTGRES='postgres://postgres@127.0.0.1:%s/postgres?sslmode=disable'\n" "$port" >>"$1/env"
      return
    fi
  done
  cat "$dir/log" >&2
  fail "PostgreSQL did not start"
}

start_redis() {
  local dir=$1/redis port
  command -v redis-server >/dev/null || install redis-server Redis
  mkdir "$dir"
  for _ in 1 2 3; do
    port=$(free_port)
    (cd "$dir" && redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no --dir "$dir" \
      --daemonize yes --pidfile "$dir/pid" --logfile "$dir/log") >/dev/null 2>&1 || continue
    for _ in $(seq 100); do
      if [ -s "$dir/pid" ] && taken "$port"; then
        cat "$dir/pid" >"$1/redis.pid"
        printf "export LOKET_TEST_REDIS='redis://127.0.0.1:%s/0'\n" "$port" >>"$1/env"
        return
      fi
      sleep 0.1
    done
  done
  cat "$dir/log" >&2
  fail "Redis did not start"
}

# running DIR SERVICE…: all of them run there.
running() {
  local dir=$1 service
  shift
  [ -f "$dir/$marker" ] || return 1
  for service; do
    [ -s "$dir/$service.pid" ] && ours "$(cat "$dir/$service.pid")" "$dir/$service" || return 1
  done
}

start() {
  local service dir
  [ $# -gt 0 ] || set -- postgres redis
  for service; do
    case $service in postgres | redis) ;; *) fail "there is no service '$service'; there are postgres and redis" ;; esac
  done
  if [ -n "${LOKET_SERVICES:-}" ] && running "$LOKET_SERVICES" "$@"; then
    cat "$LOKET_SERVICES/env"
    return
  fi
  dir=$(mktemp -d "${TMPDIR:-/tmp}/loket-services.XXXXXX")
  dir=$(cd "$dir" && pwd -P)
  # Half a start leaves nothing.
  # shellcheck disable=SC2064 # the folder of now
  trap "stop '$dir'" EXIT
  touch "$dir/$marker"
  chmod 755 "$dir" # the user postgres passes through
  printf "export LOKET_SERVICES='%s'\n" "$dir" >"$dir/env"
  for service; do
    "start_$service" "$dir"
  done
  trap - EXIT
  cat "$dir/env"
}

# end PID FOLDER: asks, waits, then insists.
end() {
  ours "$1" "$2" || return 0
  kill -INT "$1" 2>/dev/null || true # PostgreSQL: fast shutdown; Redis: shutdown
  for _ in $(seq 100); do
    ours "$1" "$2" || return 0
    sleep 0.1
  done
  kill -KILL "$1" 2>/dev/null || true
}

stop() {
  local dir=${1:-} service
  [ -n "$dir" ] || fail "stop which folder? (start printed LOKET_SERVICES)"
  [ -d "$dir" ] || return 0
  dir=$(cd "$dir" && pwd -P)
  [ -f "$dir/$marker" ] || fail "$dir was not made by services.sh start"
  if [ ! -s "$dir/postgres.pid" ] && [ -s "$dir/postgres/data/postmaster.pid" ]; then
    head -n 1 "$dir/postgres/data/postmaster.pid" >"$dir/postgres.pid"
  fi
  if [ ! -s "$dir/redis.pid" ] && [ -s "$dir/redis/pid" ]; then
    cat "$dir/redis/pid" >"$dir/redis.pid"
  fi
  for service in postgres redis; do
    [ ! -s "$dir/$service.pid" ] || end "$(cat "$dir/$service.pid")" "$dir/$service"
  done
  rm -rf "$dir"
}

run() {
  local services=() env
  while [ $# -gt 0 ] && [ "$1" != -- ]; do
    services+=("$1")
    shift
  done
  [ $# -gt 1 ] || fail "run needs -- and a command"
  shift
  unset LOKET_SERVICES # servers of its own, which it may stop
  env=$("$0" start ${services[@]+"${services[@]}"})
  eval "$env"
  trap 'stop "$LOKET_SERVICES"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  "$@"
}

command=${1:-}
[ $# -eq 0 ] || shift
case $command in
  start) start "$@" ;;
  stop) stop "$@" ;;
  run) run "$@" ;;
  *)
    sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "$0" >&2
    exit 2
    ;;
esac
