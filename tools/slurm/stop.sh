#!/usr/bin/env bash
# Stops what start.sh started in the folder given (or $SLURM_FIXTURE_DIR), by process id, and removes the folder.
#   tools/slurm/stop.sh "$SLURM_FIXTURE_DIR" [--keep]
set -uo pipefail
DIR=${1:-${SLURM_FIXTURE_DIR:-}}
[ -n "$DIR" ] && [ -f "$DIR/.slurm-fixture" ] || { echo "stop.sh: not a fixture folder: '$DIR'" >&2; exit 2; }
export PATH="$PATH:/usr/sbin:/sbin" SLURM_CONF="$DIR/slurm.conf"
pid_of() { # $1 pid file, $2 a word its command line must hold: a stale pid never hits a stranger
  local p; p=$(tr -dc 0-9 2>/dev/null < "$1") || return 0
  [ -n "$p" ] && tr '\0' ' ' 2>/dev/null < "/proc/$p/cmdline" | grep -q -- "$2" && echo "$p"; }
end() { # pids: TERM to all, wait at most 2 s, then KILL what is left (nothing here is worth keeping)
  local p left; [ $# -eq 0 ] && return 0; kill "$@" 2>/dev/null
  for _ in $(seq 40); do left=(); for p in "$@"; do kill -0 "$p" 2>/dev/null && left+=("$p"); done
    [ ${#left[@]} -eq 0 ] && return 0; sleep 0.05; done; kill -9 "${left[@]}" 2>/dev/null; return 0; }
if [ -n "$(timeout 5 squeue -h -o %i 2>/dev/null)" ]; then   # let running jobs end before their slurmd does
  timeout 5 scancel --user="$(id -un)" >/dev/null 2>&1
  for _ in $(seq 50); do [ -z "$(timeout 5 squeue -h -o %i 2>/dev/null)" ] && break; sleep 0.1; done
fi
pids=(); for n in box1 box2 box3 cpu1; do pids+=($(pid_of "$DIR/run/slurmd.$n.pid" slurmd)); done
pids+=($(pid_of "$DIR/run/slurmctld.pid" slurmctld) $(pid_of "$DIR/run/slurmrestd.pid" slurmrestd))
# job steps that outlived their slurmd, and what they run: their environment or spool names this fixture
for p in $(pgrep -x slurmstepd); do tr '\0' '\n' 2>/dev/null < "/proc/$p/environ" | grep -qx "SLURM_CONF=$DIR/slurm.conf" && pids+=("$p"); done
end "${pids[@]}"
end $(pid_of "$DIR/munge/munged.pid" munged)
for p in $(pid_of "$DIR/run/slurmdbd.pid" slurmdbd) $(pid_of "$DIR/run/mariadbd.pid" mariadbd); do kill -9 "$p" 2>/dev/null; done
[ "${2:-}" = --keep ] || rm -rf "$DIR"
