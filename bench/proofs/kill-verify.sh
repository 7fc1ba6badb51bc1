# The guest's side of kill.sh after a kill: mounting the disk recovers its journal; then every synced file must be there with the right
# content. The line before this file sets SYNCED, the number of the last one.
mount -t ext4 /dev/vda /mnt && cd /mnt || exit 1
dmesg | grep -E 'EXT4-fs.*(recovery complete|error)|JBD2.*'
n=0 status=0
while [ $n -lt $SYNCED ]; do
	n=$((n + 1))
	yes "file $n" | head -$((n * 37 % 4000)) | cmp -s - file$n || { echo "file$n is wrong or lost"; status=1; }
done
[ "$(head -$SYNCED all | wc -l)" -eq $SYNCED ] || { echo "lines are lost"; status=1; }
cd / && umount /mnt || status=1
exit $status
