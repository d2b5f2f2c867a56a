# Ends what its owner leaves behind. The owner holds the other end of standard input and writes "watch SESSION" and
# "forget SESSION"; however it ends, that pipe closes. Then every process of the watched sessions, and every process whose
# environment carries the marker, is killed, and the folder removed.
folder=$1 marker=$2
trap '' HUP INT QUIT TERM
sessions=' '
while read -r verb session; do
  case $verb in
    watch) sessions="$sessions$session " ;;
    forget) case $sessions in *" $session "*) sessions="${sessions%% "$session" *} ${sessions#* "$session" }" ;; esac ;;
  esac
done

# Fails when nothing was left to be killed. What has ended and waits for its parent to take note is nothing: kill cannot tell.
strike() {
  struck=1
  for session in $sessions; do
    kill -s KILL -- "-$session" 2>/dev/null
  done
  for stat in /proc/[0-9]*/stat; do
    { read -r line <"$stat"; } 2>/dev/null || continue
    # The name in parentheses may hold anything; after it come state, parent, group and session.
    set -- ${line##*) }
    case "$1 $sessions" in Z*) continue ;; *" $4 "*) ;; *) continue ;; esac
    process=${stat#/proc/}
    kill -s KILL "${process%/stat}" 2>/dev/null && struck=0
  done
  for environ in $(grep -lsF -- "$marker" /proc/[0-9]*/environ 2>/dev/null); do
    process=${environ#/proc/}
    kill -s KILL "${process%/environ}" 2>/dev/null && struck=0
  done
  return $struck
}

tries=0
while strike && [ $tries -lt 20 ]; do
  tries=$((tries + 1))
  sleep 0.05
done
# The lock in it goes last: what cannot be removed now is still known as a town's later.
rm -rf -- "$folder"/worker-* && rm -rf -- "$folder"
