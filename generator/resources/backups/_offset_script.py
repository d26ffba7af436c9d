"""The script that moves consumer groups, and takes their snapshots, with Kafka's own tool.

Kafka 4.3, kafka-consumer-groups.sh (measured): it exits 0 whatever happens and tells errors in between; so
what it was to do is asked for first, done from a file, and compared with what the group has then.
A group keeps the snapshot: it outlives the pod, whatever storage there is.
"""

SCRIPT_KEY = "offsets.sh"
FOLDER = "/etc/kafka-offsets"

SCRIPT = r"""set -euo pipefail
shopt -s inherit_errexit
umask 077
config=/etc/kafka-offsets/config
export KAFKA_HEAP_OPTS=-Xmx192m LOG_DIR=/tmp

login() {
  cat "$config/client.properties"
  if [ -f /etc/kafka-offsets/user/user.key ]; then
    cat /etc/kafka-offsets/user/user.key /etc/kafka-offsets/user/user.crt > /tmp/user.pem
    echo ssl.keystore.type=PEM
    echo ssl.keystore.location=/tmp/user.pem
  else
    echo "sasl.jaas.config=$(cat /etc/kafka-offsets/user/sasl.jaas.config)"
  fi
}

tool() {
  bin/kafka-consumer-groups.sh --bootstrap-server "$BOOTSTRAP" --command-config /tmp/client.properties "$@"
}

# What the tool would set, or has: TOPIC,PARTITION,OFFSET a line.
rows() {
  local said line
  said=$(tool --reset-offsets "$@" --dry-run --export)
  if [[ $'\n'$said == *$'\n''Error: '* ]]; then
    echo "$said" >&2
    return 1
  fi
  while IFS= read -r line; do
    if [[ $line =~ ^[A-Za-z0-9._-]+,[0-9]+,[0-9]+$ ]]; then echo "$line"; fi
  done <<< "$said"
}

committed() {
  rows --group "$1" --all-topics --to-current
}

# Those of our topics, from rows.
ours() {
  local line topic
  while IFS= read -r line; do
    for topic in "${topics[@]}"; do
      if [[ $line == "$topic",* ]]; then echo "$line"; fi
    done
  done
}

# Set a group to what a file says, and look whether it is there then.
commit() {
  local wanted now line
  wanted=$(rows --group "$1" --from-file "$2")
  if [ -z "$wanted" ]; then echo "nothing to set for $1" >&2; return 1; fi
  tool --reset-offsets --group "$1" --from-file "$2" --execute
  now=$(committed "$1")
  while IFS= read -r line; do
    if [[ $'\n'$now$'\n' != *$'\n'$line$'\n'* ]]; then
      echo "$1 is not at $line" >&2
      return 1
    fi
  done <<< "$wanted"
}

snapshot() {
  local kept before
  kept=$(committed "$SNAPSHOT$group")
  if [ -n "$kept" ]; then
    # A second try must not take what the first one did for what was there before.
    printf '%s was kept at\n%s\n' "$group" "$kept"
    return
  fi
  before=$(committed "$group")
  before=$(ours <<< "$before")
  printf '%s is at\n%s\n' "$group" "$before"
  if [ -n "$before" ]; then
    printf '%s\n' "$before" > /tmp/before.csv
    commit "$SNAPSHOT$group" /tmp/before.csv
  fi
}

reset() {
  local topic named=() plan
  for topic in "${topics[@]}"; do named+=(--topic "$topic"); done
  plan=$(rows --group "$group" "${named[@]}" "$@")
  printf '%s\n' "$plan" > /tmp/plan.csv
  commit "$group" /tmp/plan.csv
}

offsets() {
  commit "$group" "$config/offsets.csv"
}

rollback() {
  local kept
  kept=$(committed "$1$group")
  kept=$(ours <<< "$kept")
  if [ -z "$kept" ]; then
    echo "there is no snapshot $1$group: groups without members forget after offsets.retention.minutes" >&2
    return 1
  fi
  printf '%s\n' "$kept" > /tmp/plan.csv
  commit "$group" /tmp/plan.csv
}

login > /tmp/client.properties
# A group and its topics a line.
while read -r -u 3 group line; do
  read -r -a topics <<< "$line"
  "$@"
done 3< "$config/groups-${JOB_COMPLETION_INDEX:-0}"
"""
