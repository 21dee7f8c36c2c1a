//! NFS as a remote object: each procedure is done on a thread that may wait for the disk, and its outcome put into the
//! protocol's result. What would change something is refused as ROFS.

use std::sync::Arc;

use super::folder::Folder;
use crate::protocol::nfs3::*;
use crate::status::number;

/// The object of program 100003, version 3.
#[derive(Debug)]
pub struct NfsServer {
    folder: Arc<Folder>,
}

impl NfsServer {
    /// Serves a folder.
    pub fn new(folder: Arc<Folder>) -> NfsServer {
        NfsServer { folder }
    }
}

/// Runs work that waits for the disk where waiting harms nobody.
pub(super) async fn aside<T: Send + 'static>(
    folder: &Arc<Folder>,
    work: impl FnOnce(&Folder) -> Result<T, Nfsstat3> + Send + 'static,
) -> Result<T, Nfsstat3> {
    let folder = folder.clone();
    let done = tokio::task::spawn_blocking(move || work(&folder)).await;
    done.unwrap_or(Err(Nfsstat3::Nfs3errServerfault))
}

/// What a file's attributes are before and after nothing was done.
const UNCHANGED: WccData = WccData {
    before: PreOpAttr::False,
    after: PostOpAttr::False,
};

const READ_ONLY: i32 = Nfsstat3::Nfs3errRofs as i32;

impl NfsProgramV3 for NfsServer {
    async fn nfsproc3_getattr(&self, argument: Getattr3args) -> Getattr3res {
        let done = aside(&self.folder, move |folder| folder.getattr(&argument.object));
        match done.await {
            Ok(obj_attributes) => Getattr3res::Nfs3Ok(Getattr3resok { obj_attributes }),
            Err(refused) => Getattr3res::Default(number(refused)),
        }
    }

    async fn nfsproc3_lookup(&self, argument: Lookup3args) -> Lookup3res {
        let done = aside(&self.folder, move |folder| {
            folder.lookup(&argument.what.dir, &argument.what.name)
        });
        match done.await {
            Ok(resok) => Lookup3res::Nfs3Ok(resok),
            Err(refused) => Lookup3res::Default(
                number(refused),
                Lookup3resfail {
                    dir_attributes: PostOpAttr::False,
                },
            ),
        }
    }

    async fn nfsproc3_access(&self, argument: Access3args) -> Access3res {
        let done = aside(&self.folder, move |folder| {
            folder.access(&argument.object, argument.access)
        });
        match done.await {
            Ok(resok) => Access3res::Nfs3Ok(resok),
            Err(refused) => Access3res::Default(
                number(refused),
                Access3resfail {
                    obj_attributes: PostOpAttr::False,
                },
            ),
        }
    }

    async fn nfsproc3_readlink(&self, argument: Readlink3args) -> Readlink3res {
        let done = aside(&self.folder, move |folder| {
            folder.readlink(&argument.symlink)
        });
        match done.await {
            Ok(resok) => Readlink3res::Nfs3Ok(resok),
            Err(refused) => Readlink3res::Default(
                number(refused),
                Readlink3resfail {
                    symlink_attributes: PostOpAttr::False,
                },
            ),
        }
    }

    async fn nfsproc3_read(&self, argument: Read3args) -> Read3res {
        let done = aside(&self.folder, move |folder| {
            folder.read(&argument.file, argument.offset, argument.count)
        });
        match done.await {
            Ok(resok) => Read3res::Nfs3Ok(resok),
            Err(refused) => Read3res::Default(
                number(refused),
                Read3resfail {
                    file_attributes: PostOpAttr::False,
                },
            ),
        }
    }

    async fn nfsproc3_readdir(&self, argument: Readdir3args) -> Readdir3res {
        let done = aside(&self.folder, move |folder| folder.readdir(&argument));
        match done.await {
            Ok(resok) => Readdir3res::Nfs3Ok(resok),
            Err(refused) => Readdir3res::Default(
                number(refused),
                Readdir3resfail {
                    dir_attributes: PostOpAttr::False,
                },
            ),
        }
    }

    async fn nfsproc3_readdirplus(&self, argument: Readdirplus3args) -> Readdirplus3res {
        let done = aside(&self.folder, move |folder| folder.readdirplus(&argument));
        match done.await {
            Ok(resok) => Readdirplus3res::Nfs3Ok(resok),
            Err(refused) => Readdirplus3res::Default(
                number(refused),
                Readdirplus3resfail {
                    dir_attributes: PostOpAttr::False,
                },
            ),
        }
    }

    async fn nfsproc3_fsstat(&self, argument: Fsstat3args) -> Fsstat3res {
        let done = aside(&self.folder, move |folder| folder.fsstat(&argument.fsroot));
        match done.await {
            Ok(resok) => Fsstat3res::Nfs3Ok(resok),
            Err(refused) => Fsstat3res::Default(
                number(refused),
                Fsstat3resfail {
                    obj_attributes: PostOpAttr::False,
                },
            ),
        }
    }

    async fn nfsproc3_fsinfo(&self, argument: Fsinfo3args) -> Fsinfo3res {
        let done = aside(&self.folder, move |folder| folder.fsinfo(&argument.fsroot));
        match done.await {
            Ok(resok) => Fsinfo3res::Nfs3Ok(resok),
            Err(refused) => Fsinfo3res::Default(
                number(refused),
                Fsinfo3resfail {
                    obj_attributes: PostOpAttr::False,
                },
            ),
        }
    }

    async fn nfsproc3_pathconf(&self, argument: Pathconf3args) -> Pathconf3res {
        let done = aside(&self.folder, move |folder| {
            folder.pathconf(&argument.object)
        });
        match done.await {
            Ok(resok) => Pathconf3res::Nfs3Ok(resok),
            Err(refused) => Pathconf3res::Default(
                number(refused),
                Pathconf3resfail {
                    obj_attributes: PostOpAttr::False,
                },
            ),
        }
    }

    async fn nfsproc3_setattr(&self, _argument: Setattr3args) -> Setattr3res {
        Setattr3res::Default(READ_ONLY, Setattr3resfail { obj_wcc: UNCHANGED })
    }

    async fn nfsproc3_write(&self, _argument: Write3args) -> Write3res {
        Write3res::Default(
            READ_ONLY,
            Write3resfail {
                file_wcc: UNCHANGED,
            },
        )
    }

    async fn nfsproc3_create(&self, _argument: Create3args) -> Create3res {
        Create3res::Default(READ_ONLY, Create3resfail { dir_wcc: UNCHANGED })
    }

    async fn nfsproc3_mkdir(&self, _argument: Mkdir3args) -> Mkdir3res {
        Mkdir3res::Default(READ_ONLY, Mkdir3resfail { dir_wcc: UNCHANGED })
    }

    async fn nfsproc3_symlink(&self, _argument: Symlink3args) -> Symlink3res {
        Symlink3res::Default(READ_ONLY, Symlink3resfail { dir_wcc: UNCHANGED })
    }

    async fn nfsproc3_mknod(&self, _argument: Mknod3args) -> Mknod3res {
        Mknod3res::Default(READ_ONLY, Mknod3resfail { dir_wcc: UNCHANGED })
    }

    async fn nfsproc3_remove(&self, _argument: Remove3args) -> Remove3res {
        Remove3res::Default(READ_ONLY, Remove3resfail { dir_wcc: UNCHANGED })
    }

    async fn nfsproc3_rmdir(&self, _argument: Rmdir3args) -> Rmdir3res {
        Rmdir3res::Default(READ_ONLY, Rmdir3resfail { dir_wcc: UNCHANGED })
    }

    async fn nfsproc3_rename(&self, _argument: Rename3args) -> Rename3res {
        Rename3res::Default(
            READ_ONLY,
            Rename3resfail {
                fromdir_wcc: UNCHANGED,
                todir_wcc: UNCHANGED,
            },
        )
    }

    async fn nfsproc3_link(&self, _argument: Link3args) -> Link3res {
        Link3res::Default(
            READ_ONLY,
            Link3resfail {
                file_attributes: PostOpAttr::False,
                linkdir_wcc: UNCHANGED,
            },
        )
    }

    async fn nfsproc3_commit(&self, _argument: Commit3args) -> Commit3res {
        Commit3res::Default(
            READ_ONLY,
            Commit3resfail {
                file_wcc: UNCHANGED,
            },
        )
    }
}
