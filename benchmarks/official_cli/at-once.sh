#!/bin/sh
# A schema engine that costs nothing: whatever `migrate status` asks, all is well. What is left is the CLI itself.
case " $* " in *" cli "*) exit 0 ;; esac
head -n 1 > /dev/null
echo '{"jsonrpc":"2.0","id":1,"result":{"drift":null,"history":null,"failedMigrationNames":[],"editedMigrationNames":[],"errorInUnappliedMigration":null,"hasMigrationsTable":true}}'
exec cat > /dev/null
