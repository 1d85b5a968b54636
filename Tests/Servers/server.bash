# What the scripts of the servers share. Each is started by run as
#
#     <name> DIRECTORY DISK VENV
#
# as the leader of a new process group. It starts its daemons in that group, writes DIRECTORY/environment when all of it
# answers, and lives as long as they do. DIRECTORY is in memory where there is such a file system, DISK on a disk, and VENV
# holds the packages of requirements.txt. Its output is a log, whose end is shown if it fails.
# shellcheck shell=bash
set -euo pipefail
directory=$1
disk=$2
venv=$3
echo $$ >"$directory/group"
umask 077
# What would send requests elsewhere, or change what the programs do.
unset http_proxy https_proxy all_proxy HTTPS_PROXY ALL_PROXY PYTHONPATH PYTHONHOME CEPH_ARGS
: "$disk" "$venv"

# The name of the bucket that is made for the tests, and the region that requests are signed for, everywhere.
bucket=ringvault-tests
region=us-east-1

# needs PROGRAM…: ends with status 69 if one of them is not there.
needs() {
    local program
    for program; do
        command -v "$program" >/dev/null || { echo "not installed: $program" && exit 69; }
    done
}

# A port that nobody listens on. Below the kernel's own choice (net.ipv4.ip_local_port_range), lest a connection take it
# before the server does.
free_port() {
    local port
    while port=$((RANDOM % 20000 + 12000)); (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
    echo $port
}

# secret BYTES: as many at random, in hexadecimal.
secret() { od -An -N "$1" -tx1 /dev/urandom | tr -d ' \n'; }

# answers URL [OPTION…]: waits until curl gets an answer below status 400. Processes of the group that end meanwhile end it.
answers() {
    until curl -fsS -m 5 -o /dev/null "$@" 2>/dev/null; do
        alive
        sleep 0.1
    done
}

# Ends with status 1 if one of the background processes is gone.
alive() {
    local process
    for process in $(jobs -p); do
        kill -0 "$process" 2>/dev/null || { echo "process $process has ended" && exit 1; }
    done
}

# make_bucket URL ACCESS_KEY SECRET_KEY [OPTION…]: by a signed request, so that this much is known to work.
make_bucket() {
    curl -fsS -m 30 --aws-sigv4 "aws:amz:$region:s3" --user "$2:$3" -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' \
        -X PUT "${@:4}" "$1/$bucket"
}

# started NAME=VALUE…: publishes the environment, whole or not at all, and waits for the daemons. The names get the
# prefix RINGVAULT_TEST_. When one daemon ends, so does this.
started() {
    local variable
    for variable; do printf 'RINGVAULT_TEST_%s=%q\n' "${variable%%=*}" "${variable#*=}"; done >"$directory/environment.new"
    mv "$directory/environment.new" "$directory/environment"
    wait -n
}
