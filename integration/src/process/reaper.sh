# Runs beside a process that uses the harness and outlives it. However that process ends, its end
# of the pipe on stdin closes; then the process groups that it registered and left are killed, and
# its temporary directory, the first argument, goes.
while read -r _; do :; done
for group in "$1"/groups/*; do
    kill -s KILL -- "-${group##*/}" 2>/dev/null
done
tries=50 # A killed process may write for a moment.
until rm -rf --one-file-system -- "$1" 2>/dev/null; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || exit 1
    sleep 0.1
done
