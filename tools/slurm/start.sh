#!/usr/bin/env bash
# Starts a four-node Slurm cluster on this machine's loopback, without systemd, in a new temporary folder.
# Prints shell exports on stdout (eval them); everything else goes to stderr.
#   eval "$(tools/slurm/start.sh)"            # with accounting when slurmdbd + mariadbd are installed
#   eval "$(tools/slurm/start.sh --no-dbd)"   # without: half a second instead of two, and no sacct
#   eval "$(tools/slurm/start.sh --rest)"     # also slurmrestd on a loopback port, with a JWT
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
want_dbd=auto want_rest=no
for a in "$@"; do case $a in
  --no-dbd) want_dbd=no ;; --dbd) want_dbd=yes ;; --rest) want_rest=yes ;;
  *) echo "start.sh: unknown option $a" >&2; exit 2 ;;
esac; done
export PATH="$PATH:/usr/sbin:/sbin"
say() { echo "slurm fixture: $*" >&2; }
for c in munged slurmctld slurmd scontrol; do
  command -v $c >/dev/null || { say "$c not found; Debian packages: munge slurmctld slurmd slurm-client slurm-wlm-basic-plugins"; exit 3; }
done
have_dbd=no; command -v slurmdbd >/dev/null && command -v mariadbd >/dev/null && command -v mariadb-install-db >/dev/null && have_dbd=yes
[ $want_dbd = auto ] && want_dbd=$have_dbd
[ $want_dbd = yes ] && [ $have_dbd = no ] && { say "slurmdbd/mariadb-server not installed"; exit 3; }

DIR=$(mktemp -d "${TMPDIR:-/tmp}/slurm-fixture.XXXXXX")
chmod 0755 "$DIR"                       # munge's clients must reach its socket
mkdir -p "$DIR"/{munge,run,log,state,spool,dev}; : > "$DIR/.slurm-fixture"
mkdir -p "$DIR"/spool/{box1,box2,box3,cpu1}
chmod 0755 "$DIR"/munge
USER_=$(id -un) HOST_=$(hostname -s)
rc=0; trap 'rc=$?; if [ $rc -ne 0 ]; then say "failed; logs in $DIR/log"; tail -n 5 "$DIR"/log/*.log >&2 || true; "$here/stop.sh" "$DIR" --keep || true; fi' EXIT

used=' '
free_port() { # a loopback port nobody listens on, not handed out before
  local p; while :; do p=$((20000 + RANDOM % 12000)); case "$used" in *" $p "*) continue ;; esac
    (exec 3<>"/dev/tcp/127.0.0.1/$p") 2>/dev/null || { used="$used$p "; PORT=$p; return; }; done; }
for v in CTLD_PORT DBD_PORT DB_PORT REST_PORT BOX1_PORT BOX2_PORT BOX3_PORT CPU1_PORT; do free_port; printf -v $v %s "$PORT"; done
for i in 0 1 2 3; do ln -s /dev/null "$DIR/dev/nvidia$i"; done   # slurmd wants character devices; no root needed for a link

jwt=no; [ $want_rest = yes ] && jwt=yes
render() { # $1 template -> $2
  local e=()
  [ $want_dbd = yes ] && e+=(-e 's/^#@DBD@//' -e '/^#@NODBD@/d') || e+=(-e 's/^#@NODBD@//' -e '/^#@DBD@/d')
  [ $jwt = yes ] && e+=(-e 's/^#@JWT@//') || e+=(-e '/^#@JWT@/d')
  sed "${e[@]}" -e "s|@DIR@|$DIR|g" -e "s|@HOST@|$HOST_|g" -e "s|@USER@|$USER_|g" \
    -e "s|@CTLD_PORT@|$CTLD_PORT|g" -e "s|@DBD_PORT@|$DBD_PORT|g" -e "s|@BOX1_PORT@|$BOX1_PORT|g" \
    -e "s|@BOX2_PORT@|$BOX2_PORT|g" -e "s|@BOX3_PORT@|$BOX3_PORT|g" -e "s|@CPU1_PORT@|$CPU1_PORT|g" "$1" > "$2"; }
render "$here/slurm.conf" "$DIR/slurm.conf"
render "$here/gres.conf" "$DIR/gres.conf"
export SLURM_CONF="$DIR/slurm.conf"

wait_for() { # $1 seconds, rest: command
  local end=$((SECONDS + $1)); shift; until "$@" >/dev/null 2>&1; do [ $SECONDS -ge $end ] && { say "timed out: $*"; return 1; }; sleep 0.1; done; }

listening() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# munge: a key of our own, a socket of our own
(umask 077; head -c 1024 /dev/urandom > "$DIR/munge/munge.key")
munged --key-file="$DIR/munge/munge.key" --socket="$DIR/munge/munge.socket" --pid-file="$DIR/munge/munged.pid" \
  --log-file="$DIR/munge/munged.log" --num-threads=8 --seed-file="$DIR/munge/munged.seed" --force 2>>"$DIR/log/start.log"
wait_for 5 test -S "$DIR/munge/munge.socket"
[ $jwt = yes ] && (umask 077; head -c 32 /dev/urandom > "$DIR/jwt.key")

if [ $want_dbd = yes ]; then
  mysqluser=(); [ "$USER_" = root ] && mysqluser=(--user=root)
  mariadb-install-db --no-defaults --datadir="$DIR/db" "${mysqluser[@]}" --auth-root-authentication-method=normal --skip-test-db \
    >"$DIR/log/db-install.log" 2>&1
  mariadbd --no-defaults --datadir="$DIR/db" "${mysqluser[@]}" --socket="$DIR/run/db.sock" --pid-file="$DIR/run/mariadbd.pid" \
    --bind-address=127.0.0.1 --port="$DB_PORT" --innodb-buffer-pool-size=64M --innodb-flush-log-at-trx-commit=0 \
    --innodb-lock-wait-timeout=900 --log-error="$DIR/log/mariadbd.log" >/dev/null 2>&1 &
  wait_for 30 mariadb --no-defaults --socket="$DIR/run/db.sock" --user=root -e "select 1"
  mariadb --no-defaults --socket="$DIR/run/db.sock" --user=root \
    -e "create database slurm_acct_db; create user slurm@'127.0.0.1' identified by 'fixture'; grant all on slurm_acct_db.* to slurm@'127.0.0.1'; create user slurm@localhost identified by 'fixture'; grant all on slurm_acct_db.* to slurm@localhost;"
  (umask 077; cat > "$DIR/slurmdbd.conf" <<CONF
AuthType=auth/munge
AuthInfo=socket=$DIR/munge/munge.socket
DbdAddr=127.0.0.1
DbdHost=$HOST_
DbdPort=$DBD_PORT
SlurmUser=$USER_
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort=$DB_PORT
StorageUser=slurm
StoragePass=fixture
StorageLoc=slurm_acct_db
LogFile=$DIR/log/slurmdbd.log
PidFile=$DIR/run/slurmdbd.pid
CommitDelay=1
CONF
  if [ $jwt = yes ]; then printf 'AuthAltTypes=auth/jwt\nAuthAltParameters=jwt_key=%s/jwt.key\n' "$DIR" >> "$DIR/slurmdbd.conf"; fi)
  slurmdbd
  wait_for 30 listening "$DBD_PORT"
fi

slurmctld -c -i 2>>"$DIR/log/start.log"   # with slurmdbd it registers its cluster itself
wait_for 15 scontrol ping
for n in box1 box2 box3 cpu1; do slurmd -N $n 2>>"$DIR/log/start.log"; done
idle() { [ "$(sinfo -h -N -o %T | grep -c '^idle')" -ge 4 ]; }
wait_for 30 idle
echo "export SLURM_CONF=$SLURM_CONF"
echo "export SLURM_FIXTURE_DIR=$DIR"
if [ $want_rest = yes ]; then
  # slurmrestd refuses to run as root or as SlurmUser; a throwaway unprivileged uid serves, callers name themselves by JWT
  setpriv --reuid=65534 --regid=65534 --clear-groups env SLURM_CONF="$SLURM_CONF" SLURM_JWT=daemon SLURMRESTD_SECURITY=disable_user_check,disable_unshare_files,disable_unshare_sysv \
    slurmrestd -a rest_auth/jwt "127.0.0.1:$REST_PORT" >"$DIR/log/slurmrestd.log" 2>&1 &
  echo $! > "$DIR/run/slurmrestd.pid"
  wait_for 10 listening "$REST_PORT"
  echo "export SLURM_REST_URL=http://127.0.0.1:$REST_PORT"
  token=$(scontrol token lifespan=86400)
  echo "export SLURM_REST_TOKEN=${token#SLURM_JWT=}"   # not SLURM_JWT: with that in its environment srun fails
fi
