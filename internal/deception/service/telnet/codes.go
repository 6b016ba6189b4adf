package telnet

// Commands of the protocol (RFC 854, 885 and 1184).
const (
	xEOF  = 236
	susp  = 237
	abort = 238
	eor   = 239
	se    = 240
	dm    = 242
	brk   = 243
	ip    = 244
	ao    = 245
	ayt   = 246
	ec    = 247
	el    = 248
	sb    = 250
	will  = 251
	wont  = 252
	do    = 253
	dont  = 254
	iac   = 255
)

// Options, by IANA's registry of Telnet options.
const (
	optBinary   = 0
	optEcho     = 1
	optSGA      = 3 // suppress go ahead
	optStatus   = 5
	optTM       = 6 // timing mark
	optLogout   = 18
	optTerm     = 24
	optEOR      = 25
	optSize     = 31
	optSpeed    = 32
	optFlow     = 33
	optLinemode = 34
	optDisplay  = 35
	optOldEnv   = 36
	optAuth     = 37
	optEncrypt  = 38
	optEnv      = 39
	options     = 40 // that STATUS tells about
)

// What a subnegotiation of an option is (RFC 1091, 1372, 1184).
const (
	is             = 0
	send           = 1
	flowRestartXON = 3
	flowOn         = 1
	modeMode       = 1
	modeSLC        = 3
)

// Keys of the terminal.
const (
	keyInterrupt = 3
	keyEOF       = 4
	keyDiscard   = 15
	keyReprint   = 18
	keyKill      = 21
	keyLiteral   = 22
	keyWord      = 23
	keySuspend   = 26
	keyQuit      = 28
	keyErase     = 127
)
