"""python-tuf as a device would use it: refreshes what it trusts, fetches one manifest, and prints it, or why it would not."""

import sys

from tuf.ngclient import Updater

folder, origin, target, factory_root = sys.argv[1:5]
try:
    with open(factory_root, "rb") as root:
        updater = Updater(
            metadata_dir=folder,
            metadata_base_url=f"{origin}/firmware/metadata/",
            target_dir=folder,
            target_base_url=f"{origin}/firmware/targets/",
            bootstrap=root.read(),
        )
    updater.refresh()
    info = updater.get_targetinfo(target)
    if info is None:
        print("no such target")
    else:
        print(open(updater.download_target(info)).read())
except Exception as error:  # its kind is what the test asks for
    print(type(error).__name__)
