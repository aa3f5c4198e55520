# Sourced by the other scripts: how they show what they do.

# step NAME COMMAND...: a line when it begins and a line with the seconds when it is done.
# What the command says is shown only if it fails; then the script ends with its exit code.
step() {
  local name=$1 output code=0 start=$SECONDS
  shift
  output=$(mktemp)
  echo "...   $name" >&2
  "$@" >"$output" 2>&1 </dev/null || code=$?
  if [ "$code" -ne 0 ]; then
    cat "$output" >&2
    echo "FAIL  $name ($((SECONDS - start)) s)" >&2
  else
    echo "ok    $name ($((SECONDS - start)) s)" >&2
  fi
  rm -f "$output"
  [ "$code" -eq 0 ] || exit "$code"
}

# stop WHAT NEXT: says what is wrong and what to type, and ends the script: a precondition is not met.
stop() {
  printf '\n%s\nNext: %s\n' "$1" "$2" >&2
  exit 4
}
