internal import Commands

await Ringvault.runAndExit()
