#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "core/log.h"
#include "core/rule.h"
#include "driver/record.h"
#include "driver/table.h"
static struct record r; static struct stats st; static char scratch[FIELD_SCRATCH];
int main(int c,char**v){ struct arena a,b; struct ini_error e; (void)c; log_level=LOG_L_ERROR;
 arena_map(&a, 8<<20); arena_map(&b,8<<20); const char*p[]={v[1]};
 struct ruleset*rs=ruleset_load(&a,p,1,PRIO_DEBUG,&e); struct state*s=state_open(&b,&(struct state_config){64,8,64,16,300},&st);
 struct event ev={0}; struct field_ctx ctx; 
 record_begin(&r,TRC_EXECVE,100,100); record_num(&r,0,0); record_str(&r,event_arg_slot(TRC_EXECVE,"comm"),"cat"); record_bytes(&r,event_arg_slot(TRC_EXECVE,"argv"),"cat\0-l",7); record_str(&r,event_arg_slot(TRC_EXECVE,"exepath"),"/bin/cat");
 decode(&r,r.hdr.len,&ev); state_before(s,&ev);
 for(int k=0;k<2;k++){ if(k){record_begin(&r,TRC_OPENAT,100,100); record_num(&r,0,3); record_str(&r,event_arg_slot(TRC_OPENAT,"name"),"/etc/ld.so.cache");record_num(&r,event_arg_slot(TRC_OPENAT,"flags"),0);record_num(&r,event_arg_slot(TRC_OPENAT,"dev"),1);record_num(&r,event_arg_slot(TRC_OPENAT,"ino"),2); decode(&r,r.hdr.len,&ev); state_before(s,&ev);}
 struct timespec t0,t1; clock_gettime(CLOCK_MONOTONIC,&t0); int hits=0,n=200000;
 for(int i=0;i<n;i++){int pos=0; ev.num++; field_begin(&ctx,s,&ev,scratch); while(ruleset_match(rs,&ctx,&pos))hits++;}
 clock_gettime(CLOCK_MONOTONIC,&t1); printf("%s: %ld ns, %d hits\n",k?"openat":"execve",((t1.tv_sec-t0.tv_sec)*1000000000+t1.tv_nsec-t0.tv_nsec)/n,hits/n);} }
